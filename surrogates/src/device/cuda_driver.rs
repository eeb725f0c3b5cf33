//! What the NVIDIA driver says, asked before the CUDA runtime is: `cudarc` panics at its first
//! call where `libcuda` cannot be loaded, and the runtime unwraps what the driver answers.

#![allow(unsafe_code)]

use cudarc::driver::{
    DriverError,
    result::{self, device, primary_ctx},
    sys::{self, CUdevice_attribute, CUresult},
};

use super::CudaDeviceInfo;

/// All devices that the driver shows; at least one.
///
/// # Errors
/// No driver, one that is older than this build, no device.
pub(super) fn devices() -> Result<Vec<CudaDeviceInfo>, String> {
    start()?;
    let version = version()?;
    if version < sys::CUDA_VERSION as i32 {
        return Err(format!(
            "the NVIDIA driver knows CUDA up to {}, this build needs {}: update the driver, or \
             build with CUDARC_CUDA_VERSION={version} in the environment",
            version_text(version),
            version_text(sys::CUDA_VERSION as i32),
        ));
    }
    let driver = kernel_module_version();
    let count = device::get_count().map_err(told)?;
    if count < 1 {
        return Err(NO_DEVICE.to_owned());
    }
    (0..count)
        .map(|index| describe(index, version, driver.clone()))
        .collect()
}

const NO_DEVICE: &str = "the NVIDIA driver is there but shows no device; look at nvidia-smi and \
                         at CUDA_VISIBLE_DEVICES";

/// Loads the driver's library and initialises it.
fn start() -> Result<(), String> {
    // SAFETY: the call tries to load the driver's library by each of its names and unloads it
    // again. Its initialisers run, which is the same as what any use of the driver does.
    if !unsafe { sys::is_culib_present() } {
        return Err(
            "the NVIDIA driver's library (libcuda.so.1) cannot be loaded; install the driver, or \
             put the library's folder into LD_LIBRARY_PATH"
                .to_owned(),
        );
    }
    result::init().map_err(|error| match error.0 {
        CUresult::CUDA_ERROR_NO_DEVICE => NO_DEVICE.to_owned(),
        CUresult::CUDA_ERROR_STUB_LIBRARY => "the libcuda that was found is the stub of a CUDA \
             toolkit, not a driver; take its folder (lib64/stubs) out of LD_LIBRARY_PATH"
            .to_owned(),
        _ => told(error),
    })
}

/// The driver's CUDA version: 13000 is 13.0.
fn version() -> Result<i32, String> {
    let mut version = 0;
    // SAFETY: the pointer is to a live integer, which the call writes.
    let answer = unsafe { sys::cuDriverGetVersion(&mut version) };
    answer.result().map_err(told)?;
    Ok(version)
}

fn version_text(version: i32) -> String {
    format!("{}.{}", version / 1000, version % 1000 / 10)
}

fn describe(index: i32, version: i32, driver: Option<String>) -> Result<CudaDeviceInfo, String> {
    let device = device::get(index).map_err(told)?;
    // SAFETY: `device` is a handle that the driver has just given.
    let memory = unsafe { device::total_mem(device) }.map_err(told)?;
    let attribute = |name: CUdevice_attribute| {
        // SAFETY: as above.
        unsafe { device::get_attribute(device, name) }.map_err(told)
    };
    Ok(CudaDeviceInfo {
        index: index as usize,
        name: device::get_name(device).map_err(told)?,
        memory_bytes: memory as u64,
        compute_capability: [
            attribute(CUdevice_attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)?,
            attribute(CUdevice_attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)?,
        ],
        cuda_version: version_text(version),
        driver,
    })
}

/// Makes the device's primary context and keeps it until the program ends: the runtime uses the
/// same one, and would crash where it cannot be made (a device in exclusive mode that somebody
/// else has, or without memory).
pub(super) fn hold(index: usize) -> Result<(), String> {
    context(index).map(|_| ())
}

fn context(index: usize) -> Result<sys::CUcontext, String> {
    let device = device::get(index as i32).map_err(told)?;
    // SAFETY: `device` is a handle that the driver has just given. The reference is never released.
    unsafe { primary_ctx::retain(device) }.map_err(|error| match error.0 {
        CUresult::CUDA_ERROR_OUT_OF_MEMORY => "has no memory left for another program; see who \
             uses it with nvidia-smi"
            .to_owned(),
        CUresult::CUDA_ERROR_DEVICE_UNAVAILABLE => "is in use by another program that has it for \
             itself; see nvidia-smi, or use another device"
            .to_owned(),
        _ => told(error),
    })
}

/// Free memory, bytes. Makes the device's context.
pub(super) fn free_memory(index: usize) -> Result<u64, String> {
    // Not only the driver's presence: one that is too old lacks functions.
    devices()?;
    let context = context(index)?;
    // SAFETY: the context was retained and stays so until the program ends; making it current
    // concerns this thread alone.
    unsafe { result::ctx::set_current(context) }.map_err(told)?;
    let (free, _) = result::mem_get_info().map_err(told)?;
    Ok(free as u64)
}

/// The driver's own version, such as `580.95.05`, from its kernel module.
fn kernel_module_version() -> Option<String> {
    let text = std::fs::read_to_string("/proc/driver/nvidia/version").ok()?;
    let line = text.lines().find(|line| line.starts_with("NVRM"))?;
    let is_version =
        |word: &&str| word.contains('.') && word.chars().all(|c| c == '.' || c.is_ascii_digit());
    line.split_whitespace().find(is_version).map(str::to_owned)
}

/// What the driver says, in its words.
fn told(error: DriverError) -> String {
    let words = error.error_string().ok();
    let words = words.map(|words| words.to_string_lossy().into_owned());
    format!(
        "the NVIDIA driver says: {} ({:?})",
        words.as_deref().unwrap_or("unknown error"),
        error.0
    )
}
