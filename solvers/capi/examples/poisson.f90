! The pressure of a box of water with a ball in it, as poisson.c has it: set up once, then for each
! time step change the cells that the ball has entered or left, and solve from the pressure of the
! step before.
!
!   gfortran $(pkg-config --variable=fortran_module karman) poisson.f90 -o poisson $(pkg-config --libs karman)
program poisson
  use, intrinsic :: iso_c_binding
  use karman_poisson
  implicit none
  integer, parameter :: n = 32, steps = 5
  integer(c_int8_t) :: flags(n, n, n), next(n, n, n)
  real(c_double) :: b(n, n, n), x(n, n, n), ax(n, n, n), relative
  type(poisson_solver) :: solver
  type(karman_options) :: options
  type(karman_report) :: report
  integer :: step, i, j, k, changed
  integer, allocatable :: positions(:, :)
  integer(c_int8_t), allocatable :: cells(:)

  options%rtol = 1.0e-8_c_double
  options%start = karman_scaled
  options%threads = 2
  x = 0.0_c_double
  call fill(flags, 10.0_c_double)
  call check(solver%create(flags, spacing=[1.0_c_double, 1.0_c_double, 1.0_c_double] / n, &
      open_sides=karman_z_max, options=options), 'create')

  do step = 0, steps - 1
    ! The cells that the ball has entered or left.
    call fill(next, 10.0_c_double + step)
    positions = reshape([(((pack([i, j, k], next(i, j, k) /= flags(i, j, k)), i=1, n), j=1, n), &
        k=1, n)], [3, count(next /= flags)])
    changed = size(positions, 2)
    cells = pack(next, next /= flags)
    call check(solver%update_cells([n, n, n], positions, cells), 'update_cells')
    flags = next

    do k = 1, n
      do j = 1, n
        do i = 1, n
          b(i, j, k) = sin(0.001_c_double * (((k - 1) * n + j - 1) * n + i - 1) + 0.1_c_double * step)
        end do
      end do
    end do
    call check(solver%solve(b, x), 'solve')

    ! What the report says, computed here once more.
    call check(solver%report(report), 'report')
    call check(solver%apply(x, ax), 'apply')
    relative = sqrt(sum((b - ax)**2, mask=flags == karman_fluid) / sum(b**2, mask=flags == karman_fluid))
    print '(a, i0, a, i4, a, i2, a, es7.1, a)', 'step ', step, ': ', changed, ' cells changed, ', &
        report%iterations, ' iterations, residual ', relative, ' of ||b||'
    if (.not. relative <= options%rtol) error stop 1
  end do

  print '(/, 4a, /, a)', 'The last step in full (karman ', karman_version_text(), '):', '', solver%report_text()
  if (size(solver%history()) /= report%history_length) error stop 1

  ! A wrong call does nothing and says why.
  if (solver%set_tolerance(0.0_c_double) /= karman_invalid_argument) error stop 1
  print '(/, 2a)', 'As it should: ', karman_error()
  call solver%destroy()

contains

  ! A ball at height `centre` in a box that is closed but for its top.
  subroutine fill(cells, centre)
    integer(c_int8_t), intent(out) :: cells(n, n, n)
    real(c_double), intent(in) :: centre
    integer :: i, j, k

    do k = 1, n
      do j = 1, n
        do i = 1, n
          cells(i, j, k) = merge(karman_solid, karman_fluid, &
              (i - 0.5 - n / 2.0)**2 + (j - 0.5 - n / 2.0)**2 + (k - 0.5 - centre)**2 < 36.0)
        end do
      end do
    end do
  end subroutine fill

  subroutine check(status, what)
    integer(c_int32_t), intent(in) :: status
    character(*), intent(in) :: what

    if (status == karman_ok) return
    if (status < 0) then
      print '(4a)', what, ': ', karman_error()
    else
      print '(2a)', what, ': not converged'
    end if
    error stop 1
  end subroutine check
end program poisson
