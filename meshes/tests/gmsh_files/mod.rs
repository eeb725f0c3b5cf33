//! Writes one mesh as Gmsh does, in every version and encoding that is read.

/// Elements of one kind on one geometric entity.
#[derive(Clone)]
pub struct Block {
    pub dimension: i32,
    pub entity: i32,
    /// Physical groups of the entity.
    pub groups: Vec<i32>,
    /// Gmsh's number of the kind.
    pub kind: i32,
    /// Tags of elements and of their nodes.
    pub elements: Vec<(u64, Vec<u64>)>,
}

/// A mesh with groups and data.
#[derive(Clone)]
pub struct Sample {
    pub nodes: Vec<(u64, [f64; 3])>,
    pub blocks: Vec<Block>,
    pub names: Vec<(i32, i32, &'static str)>,
    pub data: Vec<Data>,
}

/// Section, name, step, components, and tags with their values.
pub type Data = (&'static str, &'static str, i32, usize, Vec<(i32, Vec<f64>)>);

/// How numbers are written.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Form {
    Text,
    Bytes { big_endian: bool, size: usize },
}

pub const FORMS: [Form; 4] = [
    Form::Text,
    Form::Bytes {
        big_endian: false,
        size: 8,
    },
    Form::Bytes {
        big_endian: true,
        size: 8,
    },
    Form::Bytes {
        big_endian: false,
        size: 4,
    },
];

/// Every linear kind of element: a box with a pyramid on it, a wedge beside it, a tetrahedron on
/// the wedge, three faces, a line and a point.
pub fn all_kinds(tag: impl Fn(u64) -> u64) -> Sample {
    let places = [
        [0.0, 0.0, 0.0],
        [1.0, 0.0, 0.0],
        [1.0, 1.0, 0.0],
        [0.0, 1.0, 0.0],
        [0.0, 0.0, 1.0],
        [1.0, 0.0, 1.0],
        [1.0, 1.0, 1.0],
        [0.0, 1.0, 1.0],
        [0.5, 0.5, 2.0],
        [2.0, 0.0, 0.0],
        [2.0, 0.0, 1.0],
        [1.5, 0.25, 2.0],
    ];
    let nodes = (1..).map(&tag).zip(places).collect();
    let block = |dimension, entity, groups: &[i32], kind, elements: &[(u64, &[u64])]| Block {
        dimension,
        entity,
        groups: groups.to_vec(),
        kind,
        elements: elements
            .iter()
            .map(|(t, nodes)| (*t, nodes.iter().map(|&n| tag(n)).collect()))
            .collect(),
    };
    Sample {
        nodes,
        blocks: vec![
            block(0, 1, &[7], 15, &[(1, &[9])]),
            block(1, 1, &[], 1, &[(2, &[1, 2]), (3, &[2, 10])]),
            block(2, 1, &[1, 2], 3, &[(4, &[1, 4, 3, 2])]),
            block(2, 2, &[1], 2, &[(5, &[2, 3, 10]), (6, &[6, 11, 7])]),
            block(3, 1, &[1], 5, &[(7, &[1, 2, 3, 4, 5, 6, 7, 8])]),
            block(3, 1, &[1], 7, &[(8, &[5, 6, 7, 8, 9])]),
            block(3, 2, &[5], 6, &[(9, &[2, 10, 3, 6, 11, 7])]),
            block(3, 2, &[5], 4, &[(10, &[6, 11, 7, 12])]),
        ],
        names: vec![
            (2, 1, "wall"),
            (2, 2, "floor of it"),
            (3, 1, "wall"),
            (3, 9, "unused"),
        ],
        data: Vec::new(),
    }
}

struct Out {
    bytes: Vec<u8>,
    form: Form,
}

impl Out {
    fn text(&mut self, text: &str) {
        self.bytes.extend(text.as_bytes());
    }

    fn put(&mut self, little: &[u8], text: String) {
        match self.form {
            Form::Text => self.text(&(text + " ")),
            Form::Bytes {
                big_endian: false, ..
            } => self.bytes.extend(little),
            Form::Bytes {
                big_endian: true, ..
            } => self.bytes.extend(little.iter().rev()),
        }
    }

    fn int(&mut self, value: i32) {
        self.put(&value.to_le_bytes(), value.to_string());
    }

    fn size(&mut self, value: u64) {
        match self.form {
            Form::Bytes { size: 4, .. } => {
                self.put(&(value as u32).to_le_bytes(), value.to_string());
            }
            _ => self.put(&value.to_le_bytes(), value.to_string()),
        }
    }

    fn real(&mut self, value: f64) {
        self.put(&value.to_le_bytes(), format!("{value:e}"));
    }

    /// A new line in text only.
    fn line(&mut self) {
        if self.form == Form::Text {
            self.text("\n");
        }
    }

    fn start(form: Form, version: &str, sample: &Sample) -> Self {
        let mut out = Self {
            bytes: Vec::new(),
            form,
        };
        let (binary, size) = match form {
            Form::Text => (0, 8),
            Form::Bytes { size, .. } => (1, size),
        };
        out.text(&format!("$MeshFormat\n{version} {binary} {size}\n"));
        if binary == 1 {
            out.int(1);
            out.text("\n");
        }
        out.text("$EndMeshFormat\n$PhysicalNames\n");
        out.text(&format!("{}\n", sample.names.len()));
        for (dimension, tag, name) in &sample.names {
            out.text(&format!("{dimension} {tag} \"{name}\"\n"));
        }
        out.text("$EndPhysicalNames\n");
        out
    }

    fn finish(mut self, sample: &Sample) -> Vec<u8> {
        for (section, name, step, components, values) in &sample.data {
            self.text(&format!(
                "${section}\n1\n\"{name}\"\n1\n0.5\n3\n{step}\n{components}\n"
            ));
            self.text(&format!("{}\n", values.len()));
            for (tag, tuple) in values {
                self.int(*tag);
                tuple.iter().for_each(|&value| self.real(value));
                self.line();
            }
            self.text(&format!("\n$End{section}\n"));
        }
        self.bytes
    }
}

/// Version 2.2: an element is listed once for each of its groups.
pub fn version2(sample: &Sample, form: Form) -> Vec<u8> {
    let mut out = Out::start(form, "2.2", sample);
    out.text(&format!("$Nodes\n{}\n", sample.nodes.len()));
    for (tag, point) in &sample.nodes {
        out.int(*tag as i32);
        point.iter().for_each(|&x| out.real(x));
        out.line();
    }
    let groups = |block: &Block| match block.groups.is_empty() {
        true => vec![0],
        false => block.groups.clone(),
    };
    let total: usize = sample
        .blocks
        .iter()
        .map(|b| b.elements.len() * groups(b).len())
        .sum();
    out.text(&format!("\n$EndNodes\n$Elements\n{total}\n"));
    for block in &sample.blocks {
        for (tag, nodes) in &block.elements {
            for (k, group) in groups(block).into_iter().enumerate() {
                let tag = *tag as i32 + 1000 * k as i32;
                if form == Form::Text {
                    out.int(tag);
                    out.int(block.kind);
                } else {
                    out.int(block.kind);
                    out.int(1);
                }
                // The group, the entity, and one partition.
                out.int(4);
                if form != Form::Text {
                    out.int(tag);
                }
                [group, block.entity, 1, 1]
                    .into_iter()
                    .for_each(|t| out.int(t));
                nodes.iter().for_each(|&node| out.int(node as i32));
                out.line();
            }
        }
    }
    out.text("\n$EndElements\n");
    out.finish(sample)
}

/// Version 4.1; the second half of the nodes with parameters on a surface.
pub fn version4(sample: &Sample, form: Form) -> Vec<u8> {
    let mut out = Out::start(form, "4.1", sample);
    out.text("$Entities\n");
    let mut entities: Vec<_> = sample
        .blocks
        .iter()
        .map(|b| (b.dimension, b.entity, &b.groups))
        .collect();
    entities.sort();
    entities.dedup();
    for dimension in 0..4 {
        out.size(entities.iter().filter(|e| e.0 == dimension).count() as u64);
    }
    out.line();
    for (dimension, entity, groups) in entities {
        out.int(entity);
        (0..if dimension == 0 { 3 } else { 6 }).for_each(|_| out.real(0.25));
        out.size(groups.len() as u64);
        groups.iter().for_each(|&group| out.int(group));
        if dimension > 0 {
            out.size(2);
            out.int(1);
            out.int(-1);
        }
        out.line();
    }
    out.text("\n$EndEntities\n$Nodes\n");
    blocks_of_nodes(&mut out, sample);
    out.text("\n$EndNodes\n$Elements\n");
    let total: usize = sample.blocks.iter().map(|b| b.elements.len()).sum();
    for count in [sample.blocks.len(), total, 1, total] {
        out.size(count as u64);
    }
    out.line();
    for block in &sample.blocks {
        out.int(block.dimension);
        out.int(block.entity);
        out.int(block.kind);
        out.size(block.elements.len() as u64);
        out.line();
        for (tag, nodes) in &block.elements {
            out.size(*tag);
            nodes.iter().for_each(|&node| out.size(node));
            out.line();
        }
    }
    out.text("\n$EndElements\n");
    out.finish(sample)
}

fn blocks_of_nodes(out: &mut Out, sample: &Sample) {
    let halves = sample.nodes.split_at(sample.nodes.len() / 2);
    for count in [2, sample.nodes.len(), 1, 1000] {
        out.size(count as u64);
    }
    out.line();
    for (parametric, nodes) in [(0, halves.0), (1, halves.1)] {
        out.int(2);
        out.int(1);
        out.int(parametric);
        out.size(nodes.len() as u64);
        out.line();
        nodes.iter().for_each(|(tag, _)| out.size(*tag));
        out.line();
        for (_, point) in nodes {
            point.iter().for_each(|&x| out.real(x));
            (0..2 * parametric).for_each(|_| out.real(0.125));
            out.line();
        }
    }
}
