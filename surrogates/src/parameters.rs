//! Parameters by name: to and from safetensors files.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use burn::{
    Tensor,
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::{Device, TensorData},
};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};

use crate::{SurrogateError, files};

/// The path of the parameter a traversal stands at, such as `field.layers.0.weight`.
#[derive(Default)]
pub(crate) struct ParameterPath {
    path: String,
    lengths: Vec<usize>,
}

impl ParameterPath {
    pub(crate) fn enter(&mut self, name: &str) {
        self.lengths.push(self.path.len());
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(name);
    }

    pub(crate) fn exit(&mut self) {
        if let Some(length) = self.lengths.pop() {
            self.path.truncate(length);
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.path
    }
}

/// Arrays of f32 by name.
#[derive(Default, Clone)]
pub(crate) struct NamedArrays {
    arrays: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
}

impl NamedArrays {
    /// Adds an array.
    pub(crate) fn insert<const D: usize>(&mut self, name: String, tensor: Tensor<D>) {
        let shape = tensor.dims().to_vec();
        let data = tensor.into_data().convert::<f32>();
        let data = data.try_to_vec::<f32>().unwrap_or_default();
        self.arrays.insert(name, (shape, data));
    }

    /// Adds all arrays of `other` under `prefix`.
    pub(crate) fn extend(&mut self, prefix: &str, other: Self) {
        for (name, array) in other.arrays {
            self.arrays.insert(format!("{prefix}{name}"), array);
        }
    }

    /// The arrays whose names begin with `prefix`, without it.
    pub(crate) fn with_prefix(&self, prefix: &str) -> Self {
        let arrays = self.arrays.iter().filter_map(|(name, array)| {
            let name = name.strip_prefix(prefix)?;
            Some((name.to_string(), array.clone()))
        });
        Self {
            arrays: arrays.collect(),
        }
    }

    /// All names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.arrays.keys().map(String::as_str)
    }

    /// An array as a flat tensor.
    pub(crate) fn flat(&self, name: &str, device: &Device) -> Option<Tensor<1>> {
        let (_, data) = self.arrays.get(name)?;
        let data = TensorData::new(data.clone(), [data.len()]);
        Some(Tensor::from_data(data, device))
    }

    /// All parameters of a module.
    pub(crate) fn of<M: Module>(module: &M) -> Self {
        #[derive(Default)]
        struct Collect {
            arrays: NamedArrays,
            path: ParameterPath,
        }
        impl ModuleVisitor for Collect {
            fn enter_module(&mut self, name: &str, _container: &str) {
                self.path.enter(name);
            }
            fn exit_module(&mut self, _name: &str, _container: &str) {
                self.path.exit();
            }
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                let name = self.path.as_str().to_string();
                self.arrays.insert(name, param.val().inner());
            }
        }
        let mut collect = Collect::default();
        module.visit(&mut collect);
        collect.arrays
    }

    /// Puts these arrays into a module. `path` is the file they came from, for messages.
    ///
    /// # Errors
    /// A parameter that is absent or has another shape; an array that no parameter wants.
    pub(crate) fn load_into<M: Module>(
        mut self,
        module: M,
        path: &Path,
    ) -> Result<M, SurrogateError> {
        struct Load<'a> {
            arrays: &'a mut NamedArrays,
            path: ParameterPath,
            problem: Option<String>,
        }
        impl ModuleMapper for Load<'_> {
            fn enter_module(&mut self, name: &str, _container: &str) {
                self.path.enter(name);
            }
            fn exit_module(&mut self, _name: &str, _container: &str) {
                self.path.exit();
            }
            fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
                let name = self.path.as_str();
                let (id, tensor, mapper) = param.consume();
                let dims = tensor.dims();
                let tensor = match self.arrays.arrays.remove(name) {
                    Some((shape, data)) if shape == dims => {
                        let loaded =
                            Tensor::<D>::from_data(TensorData::new(data, shape), &tensor.device());
                        if tensor.is_require_grad() {
                            loaded.require_grad()
                        } else {
                            loaded
                        }
                    }
                    Some((shape, _)) => {
                        self.problem.get_or_insert(format!(
                            "array {name} has shape {shape:?}, the configured model needs \
                             {dims:?}; it was made with other settings"
                        ));
                        tensor
                    }
                    None => {
                        self.problem.get_or_insert(format!(
                            "array {name} is missing; it was made with other settings"
                        ));
                        tensor
                    }
                };
                Param::from_mapped_value(id, tensor, mapper)
            }
        }
        let mut load = Load {
            arrays: &mut self,
            path: ParameterPath::default(),
            problem: None,
        };
        let module = module.map(&mut load);
        let unused = load.arrays.arrays.keys().next().map(|name| {
            format!(
                "array {name} has no place in the configured model; it was made with other settings"
            )
        });
        match load.problem.or(unused) {
            Some(problem) => Err(SurrogateError::Checkpoint {
                path: path.to_path_buf(),
                problem,
            }),
            None => Ok(module),
        }
    }

    /// Writes a safetensors file in one piece, with `metadata` in its header.
    pub(crate) fn save(
        &self,
        path: &Path,
        metadata: HashMap<String, String>,
    ) -> Result<(), SurrogateError> {
        let views = self
            .arrays
            .iter()
            .map(|(name, (shape, data))| {
                let bytes = bytemuck::cast_slice(data);
                TensorView::new(Dtype::F32, shape.clone(), bytes).map(|view| (name.clone(), view))
            })
            .collect::<Result<Vec<_>, _>>();
        let bytes = views
            .and_then(|views| safetensors::serialize(views, Some(metadata)))
            .map_err(|error| SurrogateError::Checkpoint {
                path: path.to_path_buf(),
                problem: format!("cannot be encoded: {error}"),
            })?;
        files::write_atomic(path, &bytes)
    }

    /// Reads a safetensors file: its arrays and metadata.
    ///
    /// # Errors
    /// A file that is absent, truncated, of another format, or holds arrays other than f32.
    pub(crate) fn load(path: &Path) -> Result<(Self, HashMap<String, String>), SurrogateError> {
        let wrong = |problem: String| SurrogateError::Checkpoint {
            path: path.to_path_buf(),
            problem,
        };
        let bytes = std::fs::read(path).map_err(|source| {
            SurrogateError::io(path, source, "give the folder of a finished run")
        })?;
        let broken = |error| {
            wrong(format!(
                "not a readable safetensors file ({error}); copy it again or train again"
            ))
        };
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(broken)?;
        let metadata = header.metadata().clone().unwrap_or_default();
        let tensors = SafeTensors::deserialize(&bytes).map_err(broken)?;
        let mut arrays = Self::default();
        for (name, view) in tensors.iter() {
            if view.dtype() != Dtype::F32 {
                return Err(wrong(format!(
                    "array {name} is {:?}, expected F32",
                    view.dtype()
                )));
            }
            let data: Vec<f32> = bytemuck::pod_collect_to_vec(view.data());
            if let Some(at) = data.iter().position(|v| !v.is_finite()) {
                return Err(wrong(format!("array {name} is {} at index {at}", data[at])));
            }
            arrays
                .arrays
                .insert(name.to_string(), (view.shape().to_vec(), data));
        }
        Ok((arrays, metadata))
    }

    /// Number of values.
    pub(crate) fn n_values(&self) -> usize {
        self.arrays.values().map(|(_, data)| data.len()).sum()
    }
}
