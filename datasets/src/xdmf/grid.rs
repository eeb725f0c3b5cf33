//! `<Grid>`: what a step of a series holds.

use std::sync::Arc;

use karman_meshes::Location;

use super::element::Element;
use super::item::{Item, numbers};

/// Points along an axis: their coordinates are made from a few digits.
const LONGEST_AXIS: usize = 1 << 20;

/// A uniform grid: where its values lie, and what they are.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    pub shape: Arc<Shape>,
    pub attributes: Vec<Attribute>,
    /// Its own `<Time>`.
    pub time: Option<f64>,
}

/// Where the values of a grid lie.
#[derive(Debug)]
pub(super) enum Shape {
    /// Points along the axes, the slowest first.
    Axes { lengths: Vec<usize>, along: Along },
    /// Points and cells.
    Mesh {
        points: Vec<Item>,
        /// Numbers of a point in its only item; for three items 1.
        coordinates: usize,
        topology: Topology,
    },
}

/// How coordinates along axes are given, the slowest axis first.
#[derive(Debug)]
pub(super) enum Along {
    /// First point and distances.
    Uniform { origin: Item, spacing: Item },
    /// All coordinates.
    Vectors(Vec<Item>),
}

/// The cells of a mesh.
#[derive(Debug)]
pub(super) struct Topology {
    pub kind: String,
    pub n_cells: Option<usize>,
    pub nodes_per_cell: Option<usize>,
    /// What the first point is called in the connectivity.
    pub base: usize,
    pub nodes: Option<Item>,
}

/// A field of one step.
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    pub name: String,
    pub location: Location,
    pub item: Item,
}

impl Grid {
    /// What an element says. Topology and geometry that are included from elsewhere are those of
    /// `shared`, the first grid of the file that has its own.
    pub fn new(element: &Element, shared: &mut Option<Arc<Shape>>) -> Result<Self, String> {
        let name = element.attribute("Name").unwrap_or("without a name");
        let here = |problem: String| format!("grid `{name}`: {problem}");
        let shape = match (element.first("Topology"), element.first("Geometry")) {
            (Some(topology), Some(geometry)) => {
                let shape = Arc::new(Shape::new(topology, geometry).map_err(here)?);
                shared.get_or_insert_with(|| shape.clone());
                shape
            }
            _ if element.first("include").is_some() => shared.clone().ok_or_else(|| {
                here("it includes a mesh, but no grid before it has one".to_owned())
            })?,
            _ => return Err(here("it has no Topology and Geometry".to_owned())),
        };
        let mut attributes = Vec::new();
        for attribute in element.all("Attribute") {
            attributes.extend(Attribute::new(attribute).map_err(here)?);
        }
        let time = element
            .first("Time")
            .and_then(|time| time.attribute("Value"));
        let time = time.map(|value| {
            let time = value.parse().ok().filter(|time: &f64| time.is_finite());
            time.ok_or_else(|| here(format!("the time is `{value}`")))
        });
        Ok(Self {
            shape,
            attributes,
            time: time.transpose()?,
        })
    }
}

impl Attribute {
    /// What an element says; nothing for fields that lie neither at points nor in cells.
    fn new(element: &Element) -> Result<Option<Self>, String> {
        let location = match element.attribute("Center") {
            None | Some("Node") => Location::Point,
            Some("Cell") => Location::Cell,
            Some(_) => return Ok(None),
        };
        let name = element.attribute("Name").unwrap_or_default();
        let item = element.first("DataItem");
        let item = item.ok_or_else(|| format!("attribute `{name}` has no DataItem"))?;
        let item = Item::new(item).map_err(|problem| format!("attribute `{name}`: {problem}"))?;
        Ok(Some(Self {
            name: name.to_owned(),
            location,
            item,
        }))
    }
}

impl Shape {
    fn new(topology: &Element, geometry: &Element) -> Result<Self, String> {
        let attribute = |element: &Element, long: &str, short: &str| {
            let value = element.attribute(long).or(element.attribute(short));
            value.unwrap_or_default().to_owned()
        };
        let kind = attribute(topology, "TopologyType", "Type");
        let layout = attribute(geometry, "GeometryType", "Type");
        let items: Result<Vec<Item>, String> = geometry.all("DataItem").map(Item::new).collect();
        let items = items.map_err(|problem| format!("Geometry: {problem}"))?;
        let of_cells = topology.attribute("NumberOfElements");
        let sizes = of_cells.or(topology.attribute("Dimensions"));
        let sizes = sizes.map(numbers).transpose()?;
        if let Some(rest) = kind
            .strip_prefix(['2', '3'])
            .filter(|k| k.ends_with("RectMesh"))
        {
            let n = usize::from(kind.as_bytes()[0] - b'0');
            let lengths = sizes.filter(|sizes| sizes.len() == n);
            let lengths = lengths.ok_or_else(|| format!("a {kind} without {n} Dimensions"))?;
            return Self::axes(rest, &layout, lengths, items);
        }
        let coordinates = match (layout.as_str(), items.len()) {
            ("XYZ" | "", 1) => 3,
            ("XY", 1) => 2,
            ("X_Y_Z", 3) | ("X_Y", 2) => 1,
            (_, n) => {
                return Err(format!(
                    "a Geometry of type `{layout}` with {n} DataItems for cells of type `{kind}`"
                ));
            }
        };
        if let Some(item) = items
            .iter()
            .find(|item| !item.count.is_multiple_of(coordinates))
        {
            let n = item.count;
            return Err(format!(
                "{n} numbers for points of {coordinates} coordinates"
            ));
        }
        let whole = |name| topology.attribute(name).map(numbers).transpose();
        let one = |numbers: Option<Vec<usize>>| numbers.and_then(|n| n.first().copied());
        Ok(Self::Mesh {
            points: items,
            coordinates,
            topology: Topology {
                n_cells: match sizes {
                    None => None,
                    Some(sizes) => {
                        let n = sizes.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
                        Some(n.ok_or("more cells than can be")?)
                    }
                },
                nodes_per_cell: one(whole("NodesPerElement")?),
                base: one(whole("BaseOffset")?).unwrap_or(0),
                nodes: topology.first("DataItem").map(Item::new).transpose()?,
                kind,
            },
        })
    }

    /// A grid along axes. Its lists run from the slowest axis to the fastest, but for the vectors
    /// VXVYVZ, which begin with x.
    fn axes(
        kind: &str,
        layout: &str,
        lengths: Vec<usize>,
        mut items: Vec<Item>,
    ) -> Result<Self, String> {
        let n = lengths.len();
        if lengths.iter().any(|&n| n > LONGEST_AXIS) {
            return Err(format!(
                "a grid of {lengths:?} points; up to {LONGEST_AXIS} along each axis are read"
            ));
        }
        let fits = |items: &[Item], counts: &[usize]| {
            items.len() == counts.len() && items.iter().zip(counts).all(|(i, &c)| i.count == c)
        };
        let along = match (kind, layout) {
            ("DCoRectMesh", "ORIGIN_DXDYDZ" | "ORIGIN_DXDY" | "Origin_DxDyDz" | "Origin_DxDy")
                if fits(&items, &[n, n]) =>
            {
                let spacing = items.remove(1);
                Along::Uniform {
                    origin: items.remove(0),
                    spacing,
                }
            }
            ("DRectMesh", "VXVYVZ" | "VXVY") => {
                items.reverse();
                if !fits(&items, &lengths) {
                    return Err(format!("coordinates that do not fit {lengths:?} points"));
                }
                Along::Vectors(items)
            }
            _ => {
                return Err(format!(
                    "a mesh of type `{n}{kind}` with a Geometry of type `{layout}` and {} DataItems",
                    items.len()
                ));
            }
        };
        Ok(Self::Axes { lengths, along })
    }
}
