//! Device names that need no GPU.

use super::*;

fn problem(name: &str) -> String {
    match device_from_name(name) {
        Ok(device) => panic!("{name} gave {device:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_cpu_is_there() {
    let device = device_from_name("cpu").expect("the CPU");
    assert_eq!(device, Device::flex());
    let text = describe_device(&device.autodiff());
    assert!(text.starts_with("cpu (burn-flex, "), "{text}");
}

#[test]
fn unknown_names_are_refused_with_the_known_ones() {
    for name in ["gpu", "", "CPU", "cudas", "metal:0"] {
        let text = problem(name);
        assert!(text.contains("cpu, cuda:0 or auto"), "{text}");
    }
}

#[test]
fn the_number_of_a_cuda_device_is_checked() {
    assert_eq!(cuda_index("cuda"), Ok(0));
    assert_eq!(cuda_index("cuda:3"), Ok(3));
    for name in ["cuda:", "cuda:x", "cuda:-1", "cuda:1.5", "cuda:99999999999"] {
        let text = problem(name);
        assert!(text.contains("not the number of a device"), "{text}");
    }
}

#[cfg(not(feature = "cuda"))]
#[test]
fn a_build_without_cuda_says_how_to_get_it() {
    let text = problem("cuda:0");
    assert!(text.contains("--features cuda"), "{text}");
    let text = cuda_devices().expect_err("no CUDA").to_string();
    assert!(text.contains("--features cuda"), "{text}");
    let choice = choose_device("auto").expect("auto always gives a device");
    assert_eq!((choice.device, choice.note), (Device::flex(), None));
}

/// Whether or not this machine has a GPU: an answer or an error, never a panic, and `auto` agrees.
#[cfg(feature = "cuda")]
#[test]
fn a_build_with_cuda_never_panics() {
    let choice = choose_device("auto").expect("auto always gives a device");
    match device_from_name("cuda:0") {
        Ok(device) => assert_eq!((choice.device, choice.note), (device, None)),
        Err(error) => {
            let note = choice.note.expect("auto says why it uses the CPU");
            assert!(note.ends_with("using the CPU"), "{note}");
            assert_eq!(choice.device, Device::flex());
            assert!(!error.to_string().is_empty());
        }
    }
    let text = problem("cuda:65535");
    assert!(text.contains("cuda:65535: "), "{text}");
}
