//! `karman devices`: what there is to compute on, and in which number types it computes.

use karman_surrogates::{
    CudaDeviceInfo, Device, DtypeProbe, F32Matmul, MatmulProbe, SurrogateError, cuda_devices,
    cuda_free_memory, device_from_name, probe_dtypes, probe_f32_matmul,
};
use serde::Serialize;

use super::error::CommandError;
use super::number::{bytes, number};
use super::table::Table;
use super::{Context, Run, guard, system};

/// List the processors to compute on, and try what each can compute in
///
/// Each number type is tried by computing with it and comparing with f64 on the CPU. Products of f32
/// matrices may be rounded to TF32 (11 bits) on a GPU, which is told as well.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Devices {}

const EXAMPLES: &str = "\
Examples:
  karman devices
  karman devices --json devices.json";

/// The result.
#[derive(Serialize)]
struct Found {
    devices: Vec<Description>,
    /// Why there is no CUDA device.
    no_cuda: Option<String>,
}

/// A device and what came of trying it.
#[derive(Serialize)]
struct Description {
    /// What `--device` calls it.
    name: String,
    model: String,
    threads: Option<usize>,
    memory_bytes: Option<u64>,
    free_memory_bytes: Option<u64>,
    compute_capability: Option<String>,
    driver: Option<String>,
    dtypes: Vec<DtypeProbe>,
    f32_matmul: Option<MatmulProbe>,
    /// Why it cannot be used.
    problem: Option<String>,
}

impl Run for Devices {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        let mut devices = vec![cpu()];
        let no_cuda = match cuda_devices() {
            Ok(found) => {
                devices.extend(found.iter().map(cuda));
                None
            }
            Err(error) => Some(reason(error)),
        };
        let found = Found { devices, no_cuda };
        context.output.show(&found, || text(&found))
    }
}

/// Why a device cannot be used, without its name.
fn reason(error: SurrogateError) -> String {
    match error {
        SurrogateError::Device { problem, .. } => problem,
        other => other.to_string(),
    }
}

fn cpu() -> Description {
    let device = device_from_name("cpu");
    Description {
        name: "cpu".to_owned(),
        model: system::processor_name(),
        threads: Some(rayon::current_num_threads()),
        memory_bytes: system::memory("MemTotal"),
        free_memory_bytes: system::memory("MemAvailable"),
        compute_capability: None,
        driver: None,
        dtypes: Vec::new(),
        f32_matmul: None,
        problem: None,
    }
    .tried(device)
}

fn cuda(info: &CudaDeviceInfo) -> Description {
    let name = format!("cuda:{}", info.index);
    let device = guard::expecting_panics(|| device_from_name(&name));
    let [major, minor] = info.compute_capability;
    Description {
        model: info.name.clone(),
        threads: None,
        memory_bytes: Some(info.memory_bytes),
        free_memory_bytes: cuda_free_memory(info.index).ok(),
        compute_capability: Some(format!("{major}.{minor}")),
        driver: Some(info.driver_text()),
        dtypes: Vec::new(),
        f32_matmul: None,
        problem: None,
        name,
    }
    .tried(device)
}

impl Description {
    /// With what came of trying `device`.
    fn tried(self, device: Result<Device, SurrogateError>) -> Self {
        match device {
            Ok(device) => guard::expecting_panics(|| Self {
                dtypes: probe_dtypes(&device),
                f32_matmul: Some(probe_f32_matmul(&device)),
                ..self
            }),
            Err(error) => Self {
                problem: Some(reason(error)),
                ..self
            },
        }
    }

    /// Name, model and size in one line.
    fn heading(&self) -> String {
        let memory = self.memory_bytes.map(|total| {
            let free = self.free_memory_bytes;
            let free = free.map_or(String::new(), |free| format!(" ({} free)", bytes(free)));
            format!("{}{free}", bytes(total))
        });
        let capability = self.compute_capability.as_ref();
        let parts = [
            Some(self.model.clone()),
            self.threads.map(|n| super::number::count(n, "thread")),
            memory,
            capability.map(|version| format!("compute capability {version}")),
            self.driver
                .as_ref()
                .map(|driver| format!("driver {driver}")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        format!("{}: {}", self.name, parts.join(", "))
    }
}

fn text(found: &Found) -> String {
    let mut text = String::new();
    for device in &found.devices {
        text += &format!("{}\n", device.heading());
        if let Some(problem) = &device.problem {
            text += &format!("  cannot be used: {problem}\n");
            continue;
        }
        let mut table = Table::new(["type", "", "matmul error", "exp, tanh error"]).text_columns(2);
        for probe in &device.dtypes {
            let verdict = if probe.works {
                "works"
            } else {
                "does not work"
            };
            table.row([
                probe.dtype.to_owned(),
                verdict.to_owned(),
                number(probe.matmul_error, 2),
                number(probe.function_error, 2),
            ]);
        }
        text += &table.to_string();
        if let Some(probe) = &device.f32_matmul {
            text += &format!("  f32 matmul: {}\n", matmul_text(probe));
        }
        for probe in &device.dtypes {
            if let Some(problem) = &probe.problem {
                text += &format!("  {}: {}\n", probe.dtype, first_line(problem));
            }
        }
        text.push('\n');
    }
    if let Some(problem) = &found.no_cuda {
        text += &format!("no CUDA device: {problem}\n");
    }
    text
}

/// How f32 matrices are multiplied, in words.
pub(super) fn matmul_text(probe: &MatmulProbe) -> String {
    let error = number(probe.error, 2);
    match (probe.kind, &probe.problem) {
        (Some(F32Matmul::Full), _) => format!("full f32 (error {error})"),
        (Some(F32Matmul::Tf32), _) => format!("TF32 (error {error})"),
        (None, Some(problem)) => format!("does not work: {}", first_line(problem)),
        (None, None) => "unknown".to_owned(),
    }
}

/// The first line of a message; what compilers say is long, and whole in the JSON.
pub(super) fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(160) {
        Some((end, _)) => format!("{} ...", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_messages_are_cut_between_characters() {
        assert_eq!(first_line("a\nb"), "a");
        let long = "é".repeat(200);
        assert_eq!(first_line(&long), format!("{} ...", "é".repeat(160)));
    }

    #[test]
    fn the_cpu_works_in_f32_and_f64() {
        let cpu = cpu();
        assert_eq!(cpu.problem, None);
        let works = |name| cpu.dtypes.iter().any(|p| p.dtype == name && p.works);
        assert!(works("f32") && works("f64"));
        let found = Found {
            devices: vec![cpu],
            no_cuda: Some("none here".to_owned()),
        };
        let text = text(&found);
        assert!(text.starts_with("cpu: "), "{text}");
        assert!(text.contains("f32 matmul: full f32"), "{text}");
        assert!(text.ends_with("no CUDA device: none here\n"), "{text}");
    }
}
