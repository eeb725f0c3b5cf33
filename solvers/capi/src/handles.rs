//! Handles: numbers in the shape of pointers.
//!
//! C programs destroy solvers twice, use them after that, or pass what was never one. A pointer to
//! the solver itself could not tell; a number that is looked up can.

use std::collections::HashMap;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use karman_solvers::PoissonSolver;

use crate::options::KarmanOptions;
use crate::status::{Failure, KarmanStatus};

/// A solver. Opaque: C programs hold pointers to it and never look inside.
pub struct KarmanPoisson {
    _private: [u8; 0],
}

/// What a handle stands for.
pub(crate) struct Slot {
    pub solver: PoissonSolver,
    /// What it was made with, for when it has to be made anew.
    pub asked: KarmanOptions,
}

/// The solvers that are alive, by number, and the last number given.
struct Registry {
    slots: Option<HashMap<usize, Arc<Mutex<Slot>>>>,
    last: usize,
}

static REGISTRY: Mutex<Registry> = Mutex::new(Registry {
    slots: None,
    last: 0,
});

/// Numbers are multiples of this, so that handles look like aligned pointers.
const STEP: usize = 16;

fn registry() -> MutexGuard<'static, Registry> {
    // Nothing that is done under this lock can leave the map half changed.
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps a solver; its handle.
pub(crate) fn register(slot: Slot) -> *mut KarmanPoisson {
    let mut registry = registry();
    registry.last += STEP;
    let number = registry.last;
    let slots = registry.slots.get_or_insert_default();
    slots.insert(number, Arc::new(Mutex::new(slot)));
    ptr::without_provenance_mut(number)
}

/// Forgets a solver. A call that is using it on another thread still ends.
pub(crate) fn remove(handle: *const KarmanPoisson) -> Result<(), Failure> {
    let found = registry()
        .slots
        .as_mut()
        .and_then(|slots| slots.remove(&handle.addr()));
    // Dropped here, after the lock: freeing a large solver takes its time.
    found.map(drop).ok_or_else(|| unknown(handle))
}

/// Runs `body` with the solver of a handle, locked.
pub(crate) fn with<R>(
    handle: *const KarmanPoisson,
    body: impl FnOnce(&mut PoissonSolver) -> Result<R, Failure>,
) -> Result<R, Failure> {
    with_slot(handle, |slot| body(&mut slot.solver))
}

/// The same with all that belongs to the handle.
pub(crate) fn with_slot<R>(
    handle: *const KarmanPoisson,
    body: impl FnOnce(&mut Slot) -> Result<R, Failure>,
) -> Result<R, Failure> {
    let found = registry()
        .slots
        .as_ref()
        .and_then(|slots| slots.get(&handle.addr()).cloned());
    let slot = found.ok_or_else(|| unknown(handle))?;
    let mut locked = slot.lock().map_err(|_| Failure {
        status: KarmanStatus::Internal,
        message: "an earlier call on this solver met a fault; destroy it".into(),
    })?;
    body(&mut locked)
}

fn unknown(handle: *const KarmanPoisson) -> Failure {
    if handle.is_null() {
        return Failure::null("the solver");
    }
    Failure {
        status: KarmanStatus::InvalidHandle,
        message: format!("{handle:p} is no solver, or one that was destroyed"),
    }
}
