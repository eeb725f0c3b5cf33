//! A machine for the part of Python's pickles that tensors need; nothing is ever executed.
//!
//! Format: `Lib/pickletools.py` of CPython, protocol 2, which `torch.save` writes. Read: numbers,
//! texts, `None`, tuples, lists, dictionaries (ordered ones as well), and tensors in storages.
//! Anything else, above all any other class or function, is refused by its name.

mod calls;

use self::calls::known;
use super::tensor::Tensor;

/// Objects of one pickle: far more than files of tensors have, and little memory.
const MOST_OBJECTS: usize = 1 << 20;

/// An object; others are named by their place among all objects.
#[derive(Debug, Clone)]
pub(super) enum Object<'a> {
    None,
    Bool(bool),
    Integer(i64),
    Real(f64),
    Text(&'a str),
    /// A tuple or list.
    List(Vec<u32>),
    Dictionary(Vec<(u32, u32)>),
    /// A class or function that is known here.
    Name(Known<'a>),
    /// Elements of a type in a member of the archive.
    Storage {
        kind: &'a str,
        key: &'a str,
        elements: u64,
    },
    Tensor(Tensor),
}

/// What a pickle may refer to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Known<'a> {
    RebuildTensor,
    OrderedDict,
    /// The type of a storage.
    StorageType(&'a str),
}

/// All objects of a pickle, and which of them is the result.
#[derive(Debug)]
pub(super) struct Pickle<'a> {
    pub objects: Vec<Object<'a>>,
    pub root: u32,
}

/// Reads a pickle.
pub(super) fn read(bytes: &[u8]) -> Result<Pickle<'_>, String> {
    let mut machine = Machine {
        bytes,
        at: 0,
        objects: Vec::new(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: Vec::new(),
    };
    loop {
        let at = machine.at;
        match machine.step() {
            Ok(None) => {}
            Ok(Some(root)) => {
                let objects = machine.objects;
                return Ok(Pickle { objects, root });
            }
            Err(problem) => return Err(format!("byte {at} of data.pkl: {problem}")),
        }
    }
}

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    objects: Vec<Object<'a>>,
    stack: Vec<u32>,
    /// Heights of the stack where marks stand.
    marks: Vec<usize>,
    /// Memorised objects by number.
    memo: Vec<Option<u32>>,
}

impl<'a> Machine<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let rest = &self.bytes[self.at..];
        let taken = rest.get(..count).ok_or("it is cut off")?;
        self.at += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let taken = self.take(N)?.first_chunk().copied();
        taken.ok_or_else(|| "it is cut off".to_owned())
    }

    fn byte(&mut self) -> Result<u8, String> {
        Ok(self.array::<1>()?[0])
    }

    fn length(&mut self) -> Result<usize, String> {
        Ok(u32::from_le_bytes(self.array()?) as usize)
    }

    /// Text up to the end of the line.
    fn line(&mut self) -> Result<&'a str, String> {
        let rest = &self.bytes[self.at..];
        let end = rest
            .iter()
            .position(|&b| b == b'\n')
            .ok_or("it is cut off")?;
        self.at += end + 1;
        text(&rest[..end])
    }

    fn push(&mut self, object: Object<'a>) -> Result<Option<u32>, String> {
        if self.objects.len() >= MOST_OBJECTS {
            return Err(format!("more than {MOST_OBJECTS} objects"));
        }
        self.stack.push(self.objects.len() as u32);
        self.objects.push(object);
        Ok(None)
    }

    /// Takes the topmost object since the last mark.
    fn pop(&mut self) -> Result<u32, String> {
        let floor = self.marks.last().copied().unwrap_or(0);
        match self.stack.len() > floor {
            true => self.stack.pop().ok_or_else(empty),
            false => Err(empty()),
        }
    }

    fn pop_mark(&mut self) -> Result<Vec<u32>, String> {
        let floor = self.marks.pop().ok_or("a mark is missing")?;
        Ok(self.stack.split_off(floor))
    }

    fn pop_list(&mut self, count: usize) -> Result<Vec<u32>, String> {
        let floor = self.marks.last().copied().unwrap_or(0);
        match self.stack.len().checked_sub(count) {
            Some(start) if start >= floor => Ok(self.stack.split_off(start)),
            _ => Err(empty()),
        }
    }

    fn object(&self, place: u32) -> &Object<'a> {
        &self.objects[place as usize]
    }

    /// The object on top, which later instructions add to.
    fn top(&mut self) -> Result<&mut Object<'a>, String> {
        let floor = self.marks.last().copied().unwrap_or(0);
        match self.stack.len() > floor {
            true => {
                let top = self.stack.last().copied().ok_or_else(empty)?;
                Ok(&mut self.objects[top as usize])
            }
            false => Err(empty()),
        }
    }

    /// Does one instruction; the result at the last one.
    fn step(&mut self) -> Result<Option<u32>, String> {
        match self.byte()? {
            0x80 => match self.byte()? {
                2 => Ok(None),
                other => Err(format!(
                    "protocol {other}; torch.save writes protocol 2 unless told otherwise"
                )),
            },
            b'.' => self.pop().map(Some),
            b'(' => {
                self.marks.push(self.stack.len());
                Ok(None)
            }
            b'N' => self.push(Object::None),
            0x88 => self.push(Object::Bool(true)),
            0x89 => self.push(Object::Bool(false)),
            b'K' => {
                let value = self.byte()?;
                self.push(Object::Integer(value.into()))
            }
            b'M' => {
                let value = u16::from_le_bytes(self.array()?);
                self.push(Object::Integer(value.into()))
            }
            b'J' => {
                let value = i32::from_le_bytes(self.array()?);
                self.push(Object::Integer(value.into()))
            }
            0x8a => self.long(),
            b'G' => {
                let value = f64::from_be_bytes(self.array()?);
                self.push(Object::Real(value))
            }
            b'X' => {
                let length = self.length()?;
                let value = text(self.take(length)?)?;
                self.push(Object::Text(value))
            }
            b'U' => {
                let length = self.byte()?.into();
                let value = text(self.take(length)?)?;
                self.push(Object::Text(value))
            }
            b'q' => {
                let number = self.byte()?.into();
                self.memorise(number)
            }
            b'r' => {
                let number = self.length()?;
                self.memorise(number)
            }
            b'h' => {
                let number = self.byte()?.into();
                self.recall(number)
            }
            b'j' => {
                let number = self.length()?;
                self.recall(number)
            }
            instruction => self.compound(instruction),
        }
    }

    /// Instructions on objects that are made of others.
    fn compound(&mut self, instruction: u8) -> Result<Option<u32>, String> {
        match instruction {
            b')' | b']' => self.push(Object::List(Vec::new())),
            b'}' => self.push(Object::Dictionary(Vec::new())),
            b't' => {
                let items = self.pop_mark()?;
                self.push(Object::List(items))
            }
            0x85..=0x87 => {
                let items = self.pop_list(usize::from(instruction - 0x84))?;
                self.push(Object::List(items))
            }
            b'a' => {
                let item = self.pop()?;
                self.append(&[item])
            }
            b'e' => {
                let items = self.pop_mark()?;
                self.append(&items)
            }
            b's' => {
                let items = self.pop_list(2)?;
                self.set_items(&items)
            }
            b'u' => {
                let items = self.pop_mark()?;
                self.set_items(&items)
            }
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.push(Object::Name(known(module, name)?))
            }
            b'Q' => self.storage(),
            b'R' => self.call(),
            b'b' => {
                // What an ordered dictionary has beside its entries: PyTorch's notes on modules.
                self.pop()?;
                match self.top()? {
                    Object::Dictionary(_) => Ok(None),
                    _ => Err(
                        "an object with a state of its own; tensors, lists, tuples, \
                              dictionaries, numbers and texts are read"
                            .to_owned(),
                    ),
                }
            }
            other => Err(format!(
                "the instruction {other:#04x} is none that files of tensors need; nothing was executed"
            )),
        }
    }

    /// An integer of any length, of which 64 bits are read.
    fn long(&mut self) -> Result<Option<u32>, String> {
        let length: usize = self.byte()?.into();
        let bytes = self.take(length)?;
        let negative = bytes.last().is_some_and(|byte| byte >> 7 == 1);
        let mut value = [if negative { 0xff } else { 0 }; 8];
        match value.get_mut(..length) {
            Some(low) => low.copy_from_slice(bytes),
            None => return Err(format!("an integer of {length} bytes; up to 8 are read")),
        }
        self.push(Object::Integer(i64::from_le_bytes(value)))
    }

    fn memorise(&mut self, number: usize) -> Result<Option<u32>, String> {
        let top = *self.stack.last().ok_or_else(empty)?;
        // Numbers are given out one by one, so that a larger one than there are objects is damage.
        if number > self.objects.len() {
            return Err(format!("object number {number} of {}", self.objects.len()));
        }
        if number >= self.memo.len() {
            self.memo.resize(number + 1, None);
        }
        self.memo[number] = Some(top);
        Ok(None)
    }

    fn recall(&mut self, number: usize) -> Result<Option<u32>, String> {
        let found = self.memo.get(number).copied().flatten();
        self.stack
            .push(found.ok_or_else(|| format!("object number {number} is not there"))?);
        Ok(None)
    }

    fn append(&mut self, items: &[u32]) -> Result<Option<u32>, String> {
        match self.top()? {
            Object::List(list) => list.extend_from_slice(items),
            _ => return Err("an entry for what is no list".to_owned()),
        }
        Ok(None)
    }

    fn set_items(&mut self, items: &[u32]) -> Result<Option<u32>, String> {
        let (pairs, rest) = items.as_chunks::<2>();
        match self.top()? {
            Object::Dictionary(entries) if rest.is_empty() => {
                entries.extend(pairs.iter().map(|[key, value]| (*key, *value)));
            }
            _ => {
                return Err("an entry for what is no dictionary, or a key without value".to_owned());
            }
        }
        Ok(None)
    }
}

fn empty() -> String {
    "an object is missing".to_owned()
}

fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|_| "a text that is no UTF-8".to_owned())
}
