//! Devices by name.

use burn::tensor::Device;

use crate::SurrogateError;

/// The device called `name`: `cpu`, or `auto` for the best there is.
///
/// # Errors
/// A name that is not known, or a device that this build or machine does not have.
pub fn device_from_name(name: &str) -> Result<Device, SurrogateError> {
    let problem = match name {
        "cpu" | "auto" => return Ok(Device::flex()),
        name if name.starts_with("cuda") => "this build has no CUDA support yet; use --device cpu",
        _ => "is not known; use cpu or auto",
    };
    Err(SurrogateError::Device {
        name: name.to_string(),
        problem: problem.to_string(),
    })
}

/// A description for reports, for example `cpu (flex, 2 threads)`.
pub fn describe_device(_device: &Device) -> String {
    format!("cpu (burn-flex, {} threads)", rayon::current_num_threads())
}
