//! Devices by name, chosen at run time.

#[cfg(feature = "cuda")]
mod cuda_driver;
#[cfg(any(feature = "cuda", test))]
mod libdevice;
mod probe;

use burn::{backend::DispatchDevice, tensor::Device};

pub use probe::{DtypeProbe, F32Matmul, MatmulProbe, probe_dtypes, probe_f32_matmul};

use crate::SurrogateError;
#[cfg(feature = "cuda")]
use crate::guarded::guarded;

/// What to say where a build without CUDA is asked for it.
#[cfg(not(feature = "cuda"))]
const NO_CUDA: &str = "this build has no CUDA support; build with `cargo build --release --features \
                       cuda` (docs/src/cuda.md), or use --device cpu";

/// A device, and what its user should know about how it was chosen.
#[derive(Clone, Debug)]
pub struct DeviceChoice {
    /// The device.
    pub device: Device,
    /// Why `auto` went back to the CPU, in a build that could do more.
    pub note: Option<String>,
}

impl From<Device> for DeviceChoice {
    fn from(device: Device) -> Self {
        Self { device, note: None }
    }
}

/// An NVIDIA device, as its driver describes it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CudaDeviceInfo {
    /// Its number: `cuda:0` is the first.
    pub index: usize,
    /// The model.
    pub name: String,
    /// Memory in all, bytes.
    pub memory_bytes: u64,
    /// Compute capability, major and minor.
    pub compute_capability: [i32; 2],
    /// The newest CUDA that the driver knows, such as `13.0`.
    pub cuda_version: String,
    /// The driver's own version, where the system tells it.
    pub driver: Option<String>,
}

impl CudaDeviceInfo {
    /// Driver and CUDA version in words.
    pub fn driver_text(&self) -> String {
        let driver = self.driver.as_ref();
        let driver = driver.map_or(String::new(), |version| format!("{version}, "));
        format!("{driver}CUDA {}", self.cuda_version)
    }
}

/// The device called `name`: `cpu`, `cuda:N` (`cuda` is `cuda:0`), or `auto` for the first CUDA
/// device that works, else the CPU. Builds with the feature `cube-cpu` know `cube-cpu` as well, which runs
/// the GPU kernels on the CPU.
///
/// # Errors
/// A name that is not known, or a device that this build or machine does not have.
pub fn device_from_name(name: &str) -> Result<Device, SurrogateError> {
    choose_device(name).map(|choice| choice.device)
}

/// As [`device_from_name`], with a note where `auto` passed over the GPU.
///
/// # Errors
/// As [`device_from_name`].
pub fn choose_device(name: &str) -> Result<DeviceChoice, SurrogateError> {
    let chosen = match name {
        "cpu" => Ok(Device::flex()),
        "auto" => return Ok(automatic()),
        #[cfg(feature = "cube-cpu")]
        "cube-cpu" => Ok(Device::cpu()),
        name if name == "cuda" || name.starts_with("cuda:") => cuda(name),
        _ => Err("is not known; use cpu, cuda:0 or auto".to_owned()),
    };
    chosen
        .map(DeviceChoice::from)
        .map_err(|problem| SurrogateError::Device {
            name: name.to_owned(),
            problem,
        })
}

/// The first CUDA device, or the CPU and why.
#[cfg(feature = "cuda")]
fn automatic() -> DeviceChoice {
    match cuda("cuda:0") {
        Ok(device) => device.into(),
        Err(problem) => DeviceChoice {
            device: Device::flex(),
            note: Some(format!("no CUDA device: {problem}; using the CPU")),
        },
    }
}

/// The CPU: a build without CUDA has nothing else, and its users know.
#[cfg(not(feature = "cuda"))]
fn automatic() -> DeviceChoice {
    Device::flex().into()
}

#[cfg(not(feature = "cuda"))]
fn cuda(name: &str) -> Result<Device, String> {
    cuda_index(name)?;
    Err(NO_CUDA.to_owned())
}

/// Opens a CUDA device. The runtime panics where the driver is absent or refuses, so everything it
/// needs is looked at first; what it may still trip over is told as an error, not as a crash.
#[cfg(feature = "cuda")]
fn cuda(name: &str) -> Result<Device, String> {
    let index = cuda_index(name)?;
    let found = guarded(cuda_driver::devices)?;
    if index >= found.len() {
        let names: Vec<String> = found
            .iter()
            .map(|device| format!("cuda:{} ({})", device.index, device.name))
            .collect();
        return Err(format!(
            "there is no such device; there is {}",
            names.join(", ")
        ));
    }
    libdevice::find()?;
    guarded(|| cuda_driver::hold(index))?;
    let device = Device::cuda(index);
    // The first call starts the runtime.
    guarded(|| device.sync().map_err(|error| error.to_string()))
        .map_err(|problem| format!("the CUDA runtime does not start: {problem}"))?;
    Ok(device)
}

/// The number in `cuda:N`; 0 for `cuda`.
fn cuda_index(name: &str) -> Result<usize, String> {
    let number = match name {
        "cuda" => "0",
        name => name.strip_prefix("cuda:").unwrap_or(name),
    };
    // The runtime counts devices in 16 bits.
    let index = number.parse::<u16>().map_err(|_| {
        format!("\"{number}\" is not the number of a device; the first is called cuda:0")
    })?;
    Ok(usize::from(index))
}

/// All CUDA devices, without opening one.
///
/// # Errors
/// A build without CUDA, no driver, no device; the message says what to do.
pub fn cuda_devices() -> Result<Vec<CudaDeviceInfo>, SurrogateError> {
    #[cfg(feature = "cuda")]
    let devices = guarded(cuda_driver::devices);
    #[cfg(not(feature = "cuda"))]
    let devices = Err(NO_CUDA.to_owned());
    devices.map_err(|problem| SurrogateError::Device {
        name: "cuda".to_owned(),
        problem,
    })
}

/// Free memory of a CUDA device, bytes.
///
/// # Errors
/// A build without CUDA, or what the driver says.
pub fn cuda_free_memory(index: usize) -> Result<u64, SurrogateError> {
    #[cfg(feature = "cuda")]
    let free = guarded(|| cuda_driver::free_memory(index));
    #[cfg(not(feature = "cuda"))]
    let free = Err(NO_CUDA.to_owned());
    free.map_err(|problem| SurrogateError::Device {
        name: format!("cuda:{index}"),
        problem,
    })
}

/// A description for reports, for example `cpu (burn-flex, 2 threads)` or
/// `cuda:0 (NVIDIA H200, 150 GB, driver 580.95.05, CUDA 13.0)`.
pub fn describe_device(device: &Device) -> String {
    match device.clone().inner().as_dispatch() {
        DispatchDevice::Flex(_) => {
            format!("cpu (burn-flex, {} threads)", rayon::current_num_threads())
        }
        #[cfg(feature = "cube")]
        DispatchDevice::Cube(device) => describe_cube(device),
        other => format!("{other:?}"),
    }
}

#[cfg(feature = "cube")]
fn describe_cube(device: &burn::backend::CubeDevice) -> String {
    use burn::backend::CubeDevice;
    match device {
        #[cfg(feature = "cuda")]
        CubeDevice::Cuda(device) => {
            let devices = guarded(cuda_driver::devices).unwrap_or_default();
            let name = format!("cuda:{}", device.index);
            match devices.get(device.index) {
                Some(info) => format!(
                    "{name} ({}, {:.0} GB, driver {})",
                    info.name,
                    info.memory_bytes as f64 / 1e9,
                    info.driver_text(),
                ),
                None => name,
            }
        }
        #[cfg(feature = "cube-cpu")]
        CubeDevice::Cpu(_) => "cube-cpu (GPU kernels on the CPU)".to_owned(),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests;
