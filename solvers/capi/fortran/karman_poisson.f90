! Karman's Poisson solver from Fortran 2003.
!
! Compile this file with your program and link with -lkarman:
!
!   gfortran $(pkg-config --variable=fortran_module karman) main.f90 $(pkg-config --libs karman)
!
! A grid of nx x ny x nz cells; arrays are pressure(nx, ny, nz), x running fastest. The solver finds x
! with A x = b, A being the negative Laplacian of the fluid cells. karman.h says more of everything.
module karman_poisson
  use, intrinsic :: iso_c_binding
  implicit none
  private

  ! What a cell is.
  integer(c_int8_t), parameter, public :: karman_solid = 0_c_int8_t
  integer(c_int8_t), parameter, public :: karman_fluid = 1_c_int8_t
  integer(c_int8_t), parameter, public :: karman_air = 2_c_int8_t

  ! Sides of the domain that are open; add them up.
  integer(c_int32_t), parameter, public :: karman_x_min = 1, karman_x_max = 2
  integer(c_int32_t), parameter, public :: karman_y_min = 4, karman_y_max = 8
  integer(c_int32_t), parameter, public :: karman_z_min = 16, karman_z_max = 32

  ! Methods.
  integer(c_int32_t), parameter, public :: karman_auto = 0, karman_cg = 1, karman_jacobi = 2
  integer(c_int32_t), parameter, public :: karman_ic0 = 3, karman_mic0 = 4, karman_multigrid = 5
  integer(c_int32_t), parameter, public :: karman_fourier = 6, karman_amg = 7, karman_cholesky = 8

  ! First guesses.
  integer(c_int32_t), parameter, public :: karman_zero = 0, karman_given = 1, karman_scaled = 2

  ! What a call came to: 0, a positive number for a solve without convergence, a negative one for a
  ! call that did nothing (then karman_error() says why).
  integer(c_int32_t), parameter, public :: karman_ok = 0, karman_max_iterations = 1
  integer(c_int32_t), parameter, public :: karman_diverged = 2, karman_stagnated = 3
  integer(c_int32_t), parameter, public :: karman_breakdown = 4, karman_incompatible = 5
  integer(c_int32_t), parameter, public :: karman_null_pointer = -1, karman_invalid_handle = -2
  integer(c_int32_t), parameter, public :: karman_invalid_argument = -3, karman_setup_failed = -4
  integer(c_int32_t), parameter, public :: karman_out_of_memory = -5, karman_internal = -6

  ! struct karman_options, with its defaults.
  type, bind(c), public :: karman_options
    integer(c_int32_t) :: method = karman_auto
    integer(c_int32_t) :: start = karman_zero
    real(c_double) :: rtol = 1.0e-6_c_double
    real(c_double) :: atol = 0.0_c_double
    real(c_double) :: imbalance = 1.0e-6_c_double
    integer(c_int64_t) :: max_iterations = 1000_c_int64_t
    integer(c_int64_t) :: expected_solves = 1_c_int64_t
    integer(c_int32_t) :: threads = 0
  end type karman_options

  ! struct karman_report.
  type, bind(c), public :: karman_report
    integer(c_int32_t) :: status, method
    integer(c_int64_t) :: unknowns, iterations, operator_applications
    integer(c_int64_t) :: preconditioner_applications, history_length, history_stride
    real(c_double) :: rhs_norm, target, residual_start, residual, relative_residual, imbalance
    real(c_double) :: setup_seconds, update_seconds, solve_seconds
  end type karman_report

  ! A solver. Assignment copies the handle, not the solver: destroy it once.
  type, public :: poisson_solver
    private
    type(c_ptr) :: handle = c_null_ptr
  contains
    procedure :: create => solver_create
    procedure :: destroy => solver_destroy
    procedure :: set_flags => solver_set_flags
    procedure :: update_cells => solver_update_cells
    procedure :: set_face_weights => solver_set_face_weights
    procedure :: set_tolerance => solver_set_tolerance
    procedure :: set_start => solver_set_start
    procedure :: set_iterations => solver_set_iterations
    procedure :: solve => solver_solve
    procedure :: solve_batch => solver_solve_batch
    procedure :: apply => solver_apply
    procedure :: report => solver_report
    procedure :: report_text => solver_report_text
    procedure :: history => solver_history
  end type poisson_solver

  public :: karman_error, karman_version_text

  interface
    function c_create(dims, spacing, flags, flag_count, open_sides, options, solver) result(status) &
        bind(c, name='karman_poisson_create')
      import
      integer(c_size_t), intent(in) :: dims(3)
      real(c_double), intent(in) :: spacing(3)
      integer(c_int8_t), intent(in) :: flags(*)
      integer(c_size_t), value :: flag_count
      integer(c_int32_t), value :: open_sides
      type(karman_options), intent(in) :: options
      type(c_ptr), intent(out) :: solver
      integer(c_int32_t) :: status
    end function c_create

    function c_destroy(solver) result(status) bind(c, name='karman_poisson_destroy')
      import
      type(c_ptr), value :: solver
      integer(c_int32_t) :: status
    end function c_destroy

    function c_set_flags(solver, flags, flag_count) result(status) &
        bind(c, name='karman_poisson_set_flags')
      import
      type(c_ptr), value :: solver
      integer(c_int8_t), intent(in) :: flags(*)
      integer(c_size_t), value :: flag_count
      integer(c_int32_t) :: status
    end function c_set_flags

    function c_update_cells(solver, indices, cells, count) result(status) &
        bind(c, name='karman_poisson_update_cells')
      import
      type(c_ptr), value :: solver
      integer(c_size_t), intent(in) :: indices(*)
      integer(c_int8_t), intent(in) :: cells(*)
      integer(c_size_t), value :: count
      integer(c_int32_t) :: status
    end function c_update_cells

    function c_set_face_weights(solver, x, nx, y, ny, z, nz) result(status) &
        bind(c, name='karman_poisson_set_face_weights')
      import
      type(c_ptr), value :: solver
      real(c_double), intent(in) :: x(*), y(*), z(*)
      integer(c_size_t), value :: nx, ny, nz
      integer(c_int32_t) :: status
    end function c_set_face_weights

    function c_set_tolerance(solver, rtol, atol) result(status) &
        bind(c, name='karman_poisson_set_tolerance')
      import
      type(c_ptr), value :: solver
      real(c_double), value :: rtol, atol
      integer(c_int32_t) :: status
    end function c_set_tolerance

    function c_set_start(solver, start) result(status) bind(c, name='karman_poisson_set_start')
      import
      type(c_ptr), value :: solver
      integer(c_int32_t), value :: start
      integer(c_int32_t) :: status
    end function c_set_start

    function c_set_iterations(solver, max_iterations) result(status) &
        bind(c, name='karman_poisson_set_iterations')
      import
      type(c_ptr), value :: solver
      integer(c_int64_t), value :: max_iterations
      integer(c_int32_t) :: status
    end function c_set_iterations

    function c_solve(solver, b, x, n) result(status) bind(c, name='karman_poisson_solve')
      import
      type(c_ptr), value :: solver
      real(c_double), intent(in) :: b(*)
      real(c_double), intent(inout) :: x(*)
      integer(c_size_t), value :: n
      integer(c_int32_t) :: status
    end function c_solve

    function c_solve_batch(solver, b, x, n, count, reports) result(status) &
        bind(c, name='karman_poisson_solve_batch')
      import
      type(c_ptr), value :: solver
      real(c_double), intent(in) :: b(*)
      real(c_double), intent(inout) :: x(*)
      integer(c_size_t), value :: n, count
      type(karman_report), intent(inout) :: reports(*)
      integer(c_int32_t) :: status
    end function c_solve_batch

    function c_apply(solver, x, y, n) result(status) bind(c, name='karman_poisson_apply')
      import
      type(c_ptr), value :: solver
      real(c_double), intent(in) :: x(*)
      real(c_double), intent(inout) :: y(*)
      integer(c_size_t), value :: n
      integer(c_int32_t) :: status
    end function c_apply

    function c_report(solver, report) result(status) bind(c, name='karman_poisson_report')
      import
      type(c_ptr), value :: solver
      type(karman_report), intent(out) :: report
      integer(c_int32_t) :: status
    end function c_report

    function c_report_text(solver, buffer, capacity, length) result(status) &
        bind(c, name='karman_poisson_report_text')
      import
      type(c_ptr), value :: solver
      character(kind=c_char), intent(inout) :: buffer(*)
      integer(c_size_t), value :: capacity
      integer(c_size_t), intent(out) :: length
      integer(c_int32_t) :: status
    end function c_report_text

    function c_history(solver, values, capacity) result(status) &
        bind(c, name='karman_poisson_history')
      import
      type(c_ptr), value :: solver
      real(c_double), intent(inout) :: values(*)
      integer(c_size_t), value :: capacity
      integer(c_int32_t) :: status
    end function c_history

    function c_last_error() result(text) bind(c, name='karman_last_error')
      import
      type(c_ptr) :: text
    end function c_last_error

    function c_version() result(text) bind(c, name='karman_version')
      import
      type(c_ptr) :: text
    end function c_version

    function c_strlen(text) result(length) bind(c, name='strlen')
      import
      type(c_ptr), value :: text
      integer(c_size_t) :: length
    end function c_strlen
  end interface

contains

  ! Makes a solver for a grid of cells flags(nx, ny, nz); nz = 1 for two dimensions.
  function solver_create(self, flags, spacing, open_sides, options) result(status)
    class(poisson_solver), intent(inout) :: self
    integer(c_int8_t), intent(in), contiguous :: flags(:, :, :)
    real(c_double), intent(in), optional :: spacing(3)
    integer(c_int32_t), intent(in), optional :: open_sides
    type(karman_options), intent(in), optional :: options
    integer(c_int32_t) :: status, sides
    real(c_double) :: h(3)
    type(karman_options) :: wanted
    type(c_ptr) :: handle

    h = 1.0_c_double
    if (present(spacing)) h = spacing
    sides = 0
    if (present(open_sides)) sides = open_sides
    if (present(options)) wanted = options
    status = c_create(shape(flags, kind=c_size_t), h, flags, size(flags, kind=c_size_t), sides, wanted, &
        handle)
    if (status /= karman_ok) return
    ! A solver that was here before goes only once there is a new one.
    if (c_associated(self%handle)) status = c_destroy(self%handle)
    self%handle = handle
  end function solver_create

  ! Frees the solver; does nothing where there is none.
  subroutine solver_destroy(self)
    class(poisson_solver), intent(inout) :: self
    integer(c_int32_t) :: status

    if (c_associated(self%handle)) status = c_destroy(self%handle)
    self%handle = c_null_ptr
  end subroutine solver_destroy

  ! Gives all cells anew; only what differs is worked on.
  function solver_set_flags(self, flags) result(status)
    class(poisson_solver), intent(in) :: self
    integer(c_int8_t), intent(in), contiguous :: flags(:, :, :)
    integer(c_int32_t) :: status

    status = c_set_flags(self%handle, flags, size(flags, kind=c_size_t))
  end function solver_set_flags

  ! Changes cells: that at position positions(1:3, i), counted from 1, becomes cells(i). `dims` is the
  ! shape of the grid.
  function solver_update_cells(self, dims, positions, cells) result(status)
    class(poisson_solver), intent(in) :: self
    integer, intent(in) :: dims(3)
    integer, intent(in) :: positions(:, :)
    integer(c_int8_t), intent(in), contiguous :: cells(:)
    integer(c_int32_t) :: status
    integer(c_size_t), allocatable :: indices(:)
    integer :: i

    if (size(positions, 1) /= 3 .or. size(positions, 2) /= size(cells)) then
      status = karman_invalid_argument
      return
    end if
    allocate (indices(size(cells)))
    do i = 1, size(cells)
      if (any(positions(:, i) < 1) .or. any(positions(:, i) > dims)) then
        status = karman_invalid_argument
        return
      end if
      indices(i) = (int(positions(3, i) - 1, c_size_t) * dims(2) + positions(2, i) - 1) * dims(1) &
          + positions(1, i) - 1
    end do
    status = c_update_cells(self%handle, indices, cells, size(cells, kind=c_size_t))
  end function solver_update_cells

  ! Weights of the faces: x(nx + 1, ny, nz), y(nx, ny + 1, nz), z(nx, ny, nz + 1).
  function solver_set_face_weights(self, x, y, z) result(status)
    class(poisson_solver), intent(in) :: self
    real(c_double), intent(in), contiguous :: x(:, :, :), y(:, :, :), z(:, :, :)
    integer(c_int32_t) :: status

    status = c_set_face_weights(self%handle, x, size(x, kind=c_size_t), y, size(y, kind=c_size_t), &
        z, size(z, kind=c_size_t))
  end function solver_set_face_weights

  ! Tolerance of the next solves.
  function solver_set_tolerance(self, rtol, atol) result(status)
    class(poisson_solver), intent(in) :: self
    real(c_double), intent(in) :: rtol
    real(c_double), intent(in), optional :: atol
    integer(c_int32_t) :: status
    real(c_double) :: absolute

    absolute = 0.0_c_double
    if (present(atol)) absolute = atol
    status = c_set_tolerance(self%handle, rtol, absolute)
  end function solver_set_tolerance

  ! First guess of the next solves: karman_zero, karman_given or karman_scaled.
  function solver_set_start(self, start) result(status)
    class(poisson_solver), intent(in) :: self
    integer(c_int32_t), intent(in) :: start
    integer(c_int32_t) :: status

    status = c_set_start(self%handle, start)
  end function solver_set_start

  ! Iterations that the next solves may take.
  function solver_set_iterations(self, max_iterations) result(status)
    class(poisson_solver), intent(in) :: self
    integer, intent(in) :: max_iterations
    integer(c_int32_t) :: status

    status = c_set_iterations(self%handle, int(max_iterations, c_int64_t))
  end function solver_set_iterations

  ! Solves A x = b.
  function solver_solve(self, b, x) result(status)
    class(poisson_solver), intent(in) :: self
    real(c_double), intent(in), contiguous :: b(:, :, :)
    real(c_double), intent(inout), contiguous :: x(:, :, :)
    integer(c_int32_t) :: status

    ! The library knows one length.
    status = karman_invalid_argument
    if (all(shape(b) == shape(x))) status = c_solve(self%handle, b, x, size(x, kind=c_size_t))
  end function solver_solve

  ! Solves for the right-hand sides b(:, :, :, i); reports(i) is the report of each.
  function solver_solve_batch(self, b, x, reports) result(status)
    class(poisson_solver), intent(in) :: self
    real(c_double), intent(in), contiguous :: b(:, :, :, :)
    real(c_double), intent(inout), contiguous :: x(:, :, :, :)
    type(karman_report), intent(inout), contiguous :: reports(:)
    integer(c_int32_t) :: status
    integer(c_size_t) :: cells

    status = karman_invalid_argument
    if (any(shape(b) /= shape(x)) .or. size(reports) /= size(b, 4)) return
    cells = product(int([size(b, 1), size(b, 2), size(b, 3)], c_size_t))
    status = c_solve_batch(self%handle, b, x, cells, size(b, 4, kind=c_size_t), reports)
  end function solver_solve_batch

  ! y = A x.
  function solver_apply(self, x, y) result(status)
    class(poisson_solver), intent(in) :: self
    real(c_double), intent(in), contiguous :: x(:, :, :)
    real(c_double), intent(inout), contiguous :: y(:, :, :)
    integer(c_int32_t) :: status

    status = karman_invalid_argument
    if (all(shape(x) == shape(y))) status = c_apply(self%handle, x, y, size(x, kind=c_size_t))
  end function solver_apply

  ! The report of the last solve.
  function solver_report(self, report) result(status)
    class(poisson_solver), intent(in) :: self
    type(karman_report), intent(out) :: report
    integer(c_int32_t) :: status

    status = c_report(self%handle, report)
  end function solver_report

  ! The same as text of several lines; empty if there is none.
  function solver_report_text(self) result(text)
    class(poisson_solver), intent(in) :: self
    character(:), allocatable :: text
    character(kind=c_char), allocatable :: buffer(:)
    integer(c_size_t) :: length, capacity, i

    allocate (character(0) :: text)
    allocate (buffer(1))
    if (c_report_text(self%handle, buffer, 1_c_size_t, length) /= karman_ok) return
    deallocate (buffer)
    capacity = length + 1
    allocate (buffer(capacity))
    if (c_report_text(self%handle, buffer, capacity, length) /= karman_ok) return
    deallocate (text)
    allocate (character(length) :: text)
    do i = 1, length
      text(i:i) = buffer(i)
    end do
  end function solver_report_text

  ! Residuals of the last solve, every history_stride-th iteration from the start on.
  function solver_history(self) result(values)
    class(poisson_solver), intent(in) :: self
    real(c_double), allocatable :: values(:)
    type(karman_report) :: report
    integer(c_int32_t) :: status

    allocate (values(0))
    if (c_report(self%handle, report) /= karman_ok) return
    deallocate (values)
    allocate (values(report%history_length))
    status = c_history(self%handle, values, size(values, kind=c_size_t))
  end function solver_history

  ! Why the last call with a negative status did nothing.
  function karman_error() result(text)
    character(:), allocatable :: text

    text = from_c(c_last_error())
  end function karman_error

  ! The version of the library.
  function karman_version_text() result(text)
    character(:), allocatable :: text

    text = from_c(c_version())
  end function karman_version_text

  function from_c(pointer) result(text)
    type(c_ptr), intent(in) :: pointer
    character(:), allocatable :: text
    character(kind=c_char), pointer :: letters(:)
    integer(c_size_t) :: i

    call c_f_pointer(pointer, letters, [c_strlen(pointer)])
    allocate (character(size(letters)) :: text)
    do i = 1, size(letters, kind=c_size_t)
      text(i:i) = letters(i)
    end do
  end function from_c
end module karman_poisson
