//! Files of `torch.save`.

use std::path::{Path, PathBuf};

use karman_datasets::{Array, ArrayFile, DatasetError};

use super::files::{Tensor, dictionary, f32s, int, list, text, torch_file, tuple, whole_tensor};
use super::third_party;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("a.pt")
    }

    fn open(&self, object: &[u8], members: &[(&str, &[u8])]) -> Result<ArrayFile, DatasetError> {
        torch_file(&self.path(), object, members, false);
        ArrayFile::open(self.path())
    }

    /// The error of reading the tensor or the file.
    fn refused(&self, object: &[u8], members: &[(&str, &[u8])]) -> String {
        let read = |file: ArrayFile| file.read::<f64>("tensor").map(drop);
        let message = self
            .open(object, members)
            .and_then(read)
            .unwrap_err()
            .to_string();
        assert!(message.contains("a.pt"), "{message}");
        message
    }
}

#[test]
fn all_types_in_both_byte_orders() {
    let folder = Folder::new();
    let halves: Vec<u8> = [0x3c00u16, 0xc000, 0x3800]
        .iter()
        .flat_map(|h| h.to_le_bytes())
        .collect();
    let brain: Vec<u8> = [0x3f80u16, 0xc000, 0x3f00]
        .iter()
        .flat_map(|h| h.to_le_bytes())
        .collect();
    let ints = |size: usize| {
        [1i64, -2, 3]
            .iter()
            .flat_map(move |v| v.to_le_bytes()[..size].to_vec())
            .collect::<Vec<u8>>()
    };
    let doubles: Vec<u8> = [1.0f64, -2.0, 0.5]
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let real = [1.0, -2.0, 0.5];
    let whole = [1.0, -2.0, 3.0];
    let cases: [(&str, Vec<u8>, usize, [f64; 3]); 10] = [
        ("DoubleStorage", doubles, 8, real),
        ("FloatStorage", f32s([1.0, -2.0, 0.5]), 4, real),
        ("HalfStorage", halves, 2, real),
        ("BFloat16Storage", brain, 2, real),
        ("LongStorage", ints(8), 8, whole),
        ("IntStorage", ints(4), 4, whole),
        ("ShortStorage", ints(2), 2, whole),
        ("CharStorage", ints(1), 1, whole),
        ("ByteStorage", vec![1, 254, 3], 1, [1.0, 254.0, 3.0]),
        ("BoolStorage", vec![1, 0, 7], 1, [1.0, 0.0, 1.0]),
    ];
    for (kind, little, size, expected) in cases {
        let big: Vec<u8> = little
            .chunks(size)
            .flat_map(|c| c.iter().rev().copied())
            .collect();
        let orders: [(&[u8], Option<&[u8]>); 3] = [
            (&little, None),
            (&little, Some(b"little")),
            (&big, Some(b"big")),
        ];
        for (bytes, order) in orders {
            let mut members = vec![("data/0", bytes)];
            members.extend(order.map(|order| ("byteorder", order)));
            let file = folder
                .open(&whole_tensor("0", kind, &[3]), &members)
                .unwrap();
            assert_eq!(
                file.read::<f64>("tensor").unwrap().values,
                expected,
                "{kind} {order:?}"
            );
        }
    }
}

#[test]
fn strides_and_offsets_are_honoured() {
    let folder = Folder::new();
    let bytes = f32s((0..12).map(|k| k as f32));
    let read = |offset, shape: &[i32], strides: &[i32]| {
        let tensor = Tensor {
            key: "0",
            kind: "FloatStorage",
            elements: 12,
            offset,
            shape,
            strides,
        };
        let file = folder
            .open(&tensor.pickle(), &[("data/0", &bytes)])
            .unwrap();
        let whole: Array<f64> = file.read("tensor").unwrap();
        // Rows are those of the whole.
        let row: usize = whole.shape.iter().skip(1).product();
        for k in 0..whole.shape.first().copied().unwrap_or(0) {
            let part: Array<f64> = file.read_rows("tensor", k..k + 1).unwrap();
            assert_eq!(part.values, whole.values[k * row..(k + 1) * row]);
        }
        whole.values
    };
    // As written, transposed, every second, from an offset, repeated, a single number, nothing.
    assert_eq!(
        read(0, &[2, 6], &[6, 1])[6..],
        [6.0, 7.0, 8.0, 9.0, 10.0, 11.0]
    );
    assert_eq!(read(0, &[3, 2], &[1, 6]), [0.0, 6.0, 1.0, 7.0, 2.0, 8.0]);
    assert_eq!(read(1, &[2, 2], &[6, 4]), [1.0, 5.0, 7.0, 11.0]);
    assert_eq!(read(9, &[3], &[1]), [9.0, 10.0, 11.0]);
    assert_eq!(read(4, &[2, 3], &[0, 0]), [4.0; 6]);
    assert_eq!(read(11, &[], &[]), [11.0]);
    assert!(read(12, &[0, 5], &[5, 1]).is_empty());
}

#[test]
fn nested_entries_have_joined_names() {
    let folder = Folder::new();
    let bytes = f32s([1.0, 2.0]);
    let tensor = whole_tensor("0", "FloatStorage", &[2]);
    // An ordered dictionary with a state of its own, as modules have.
    let ordered = [
        b"ccollections\nOrderedDict\n)R(".to_vec(),
        text("weight"),
        tensor.clone(),
        b"u".to_vec(),
        dictionary(&[("_metadata", int(1))]),
        b"b".to_vec(),
    ]
    .concat();
    let object = dictionary(&[
        ("state", ordered),
        (
            "steps",
            list(&[
                tensor.clone(),
                tuple(&[int(-7), b"G\x3f\xe0\0\0\0\0\0\0".to_vec()]),
            ]),
        ),
        ("name", text("Darcy")),
        ("yes", vec![0x88]),
        ("none", b"N".to_vec()),
        ("large", b"\x8a\x05\0\0\0\0\x01".to_vec()),
    ]);
    let file = folder.open(&object, &[("data/0", &bytes)]).unwrap();
    let names = [
        "state/weight",
        "steps/0",
        "steps/1/0",
        "steps/1/1",
        "yes",
        "large",
    ];
    assert_eq!(file.names().unwrap().unwrap(), names);
    assert_eq!(file.read::<f64>("state/weight").unwrap().values, [1.0, 2.0]);
    let number = |name: &str| {
        let found: Array<f64> = file.read(name).unwrap();
        assert!(found.shape.is_empty());
        found.values[0]
    };
    assert_eq!(number("steps/1/0"), -7.0);
    assert_eq!(number("steps/1/1"), 0.5);
    assert_eq!(number("large"), 4_294_967_296.0);
    assert_eq!(file.read::<u8>("yes").unwrap().values, [1]);
    let message = file.read::<f64>("steps").unwrap_err().to_string();
    assert!(
        message.contains("array \"steps\" is not there; the file holds \"state/weight\""),
        "{message}"
    );
}

#[test]
fn nothing_but_tensors_is_read_and_nothing_executed() {
    let folder = Folder::new();
    let command = [
        b"cos\nsystem\n".to_vec(),
        tuple(&[text("touch executed")]),
        b"R".to_vec(),
    ]
    .concat();
    for (object, words) in [
        (command, "refers to `os.system`"),
        (b"cbuiltins\neval\n".to_vec(), "refers to `builtins.eval`"),
        (
            b"ctorch._utils\n_rebuild_parameter\n".to_vec(),
            "`torch._utils._rebuild_parameter`",
        ),
        (
            b"c__torch__\nModule\n)\x81".to_vec(),
            "refers to `__torch__.Module`",
        ),
        (
            whole_tensor("0", "ComplexFloatStorage", &[1]),
            "`ComplexFloatStorage`",
        ),
        (b"ctorch\nUntypedStorage\n".to_vec(), "`UntypedStorage`"),
        (
            b"ccollections\nOrderedDict\n)\x81".to_vec(),
            "0x81 is none that files of tensors need",
        ),
        (b"i__main__\nA\n".to_vec(), "0x69 is none"),
        (b"\x80\x04N".to_vec(), "protocol 4"),
        (
            b"\x8a\x09\0\0\0\0\0\0\0\0\x01".to_vec(),
            "an integer of 9 bytes",
        ),
    ] {
        let message = folder.refused(&object, &[("data/0", &[0; 8])]);
        assert!(message.contains(words), "{message}");
        assert!(message.contains("data.pkl"), "{message}");
    }
    assert!(!Path::new("executed").exists());
}

#[test]
fn faulty_pickles_and_members_are_refused() {
    let folder = Folder::new();
    let bytes = f32s([1.0, 2.0, 3.0, 4.0]);
    let tensor = |elements, offset, shape: &[i32], strides: &[i32]| {
        Tensor {
            key: "0",
            kind: "FloatStorage",
            elements,
            offset,
            shape,
            strides,
        }
        .pickle()
    };
    let deep = [vec![b'('; 0], b"](".repeat(40), b"e".repeat(40)].concat();
    // A list that holds the list before twice, many times over.
    let mut laughs = b"]q\0".to_vec();
    for k in 0..30u8 {
        laughs.extend([b']', b'q', k + 1, b'(', b'h', k, b'h', k, b'e']);
    }
    let endless = b"]q\0h\0a".to_vec();
    for (object, words) in [
        (tensor(4, 1, &[4], &[1]), "does not fit into a storage of 4"),
        (tensor(4, 0, &[2, 3], &[3, 1]), "does not fit"),
        (
            tensor(4, 0, &[i32::MAX, i32::MAX, i32::MAX], &[0, 0, 0]),
            "does not fit",
        ),
        (
            tensor(4, 0, &[i32::MAX, i32::MAX], &[i32::MAX, i32::MAX]),
            "does not fit",
        ),
        (
            tensor(4, 0, &[60_000, 60_000], &[0, 0]),
            "repeats its elements into 3600000000 values",
        ),
        (tensor(4, -1, &[4], &[1]), "-1 as an offset"),
        (
            tensor(4, 0, &[4], &[-1]),
            "-1 as an offset, a size or a stride",
        ),
        (tensor(4, 0, &[4], &[1, 1]), "with strides [1, 1]"),
        (
            tensor(5, 0, &[5], &[1]),
            "needs 20 bytes of archive/data/0, which has 16",
        ),
        (
            whole_tensor("1", "FloatStorage", &[4]),
            "archive/data/1, which is not there",
        ),
        (b"(".to_vec(), "byte 3 of data.pkl: an object is missing"),
        (b"h\x05".to_vec(), "object number 5 is not there"),
        (b"Nr\xff\xff\xff\xff".to_vec(), "object number 4294967295"),
        (b"X\xff\xff\xff\xff".to_vec(), "cut off"),
        (b"X\x01\0\0\0\xff".to_vec(), "no UTF-8"),
        (b"Nu".to_vec(), "a mark is missing"),
        (b"}(Nu".to_vec(), "a key without value"),
        (b"NNa".to_vec(), "an entry for what is no list"),
        (b"}(NNu".to_vec(), "a key that is neither text nor integer"),
        (b"N)R".to_vec(), "a call of what is no function"),
        (b"NQ".to_vec(), "a storage that is no tuple"),
        (b"NNb".to_vec(), "a state of its own"),
        (deep, "in each other"),
        (laughs, "more objects than files of tensors have"),
        (endless, "in each other"),
    ] {
        let message = folder.refused(&object, &[("data/0", &bytes)]);
        assert!(message.contains(words), "{message}\nwanted: {words}");
    }
    let sound = whole_tensor("0", "FloatStorage", &[4]);
    let order = folder.refused(&sound, &[("data/0", &bytes), ("byteorder", b"middle")]);
    assert!(
        order.contains("byteorder is neither little nor big"),
        "{order}"
    );
    for bytes in [&b""[..], b"\x80\x02}q\x00.", b"PK\x05\x06"] {
        std::fs::write(folder.path(), bytes).unwrap();
        let message = ArrayFile::open(folder.path()).unwrap_err().to_string();
        assert!(message.contains("is no intact PyTorch"), "{message}");
    }
}

/// A changed byte of a tensor is noticed, since archives carry checksums.
#[test]
fn flipped_bits_are_noticed() {
    let folder = Folder::new();
    let bytes = f32s((0..1000).map(|k| k as f32));
    for deflated in [false, true] {
        torch_file(
            &folder.path(),
            &whole_tensor("0", "FloatStorage", &[1000]),
            &[("data/0", &bytes)],
            deflated,
        );
        let mut file = std::fs::read(folder.path()).unwrap();
        let middle = file.len() / 2;
        file[middle] ^= 4;
        std::fs::write(folder.path(), file).unwrap();
        let message = ArrayFile::open(folder.path())
            .unwrap()
            .read::<f64>("tensor")
            .unwrap_err();
        assert!(
            message.to_string().contains("array \"tensor\""),
            "{message}"
        );
    }
}

#[test]
fn the_files_of_neuraloperator() {
    let Some(folder) = third_party("neuralop") else {
        return;
    };
    for (name, n, side) in [
        ("darcy_train_16", 1000, 16),
        ("darcy_test_16", 50, 16),
        ("darcy_test_32", 50, 32),
    ] {
        let file = ArrayFile::open(folder.join(format!("{name}.pt"))).unwrap();
        assert_eq!(file.names().unwrap().unwrap(), ["x", "y"]);
        assert_eq!(file.shape("x").unwrap(), [n, side, side]);
        let mask: Array<u8> = file.read("x").unwrap();
        assert!(mask.values.iter().all(|&x| x <= 1));
        let solution: Array<f64> = file.read("y").unwrap();
        assert!(solution.values.iter().all(|u| u.is_finite()));
        let last: Array<f64> = file.read_rows("y", n - 1..n).unwrap();
        assert_eq!(last.values, solution.values[(n - 1) * side * side..]);
    }
}
