//! What the axes of an array stand for, and how they are put in order.

use crate::Array;
use crate::arrays::gather;

/// What an axis of an array runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArrayAxis {
    /// Samples: simulations, trajectories, pairs of input and output.
    Sample,
    /// Instants.
    Time,
    /// A direction of space; the first such axis of an array is the first of the file's axes.
    Space,
    /// Components of a value, for example of a velocity.
    Component,
}

/// The places of samples, time, space and components among the axes of an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Places {
    pub sample: Option<usize>,
    pub time: Option<usize>,
    pub space: Vec<usize>,
    pub component: Option<usize>,
}

impl Places {
    /// Of an array whose axes stand for `roles`; samples, time and components at most once each.
    pub fn new(roles: &[ArrayAxis]) -> Result<Self, String> {
        let only = |role: ArrayAxis| {
            let mut all = (0..roles.len()).filter(|&k| roles[k] == role);
            match (all.next(), all.next()) {
                (first, None) => Ok(first),
                _ => Err(format!("{roles:?} names {role:?} twice")),
            }
        };
        Ok(Self {
            sample: only(ArrayAxis::Sample)?,
            time: only(ArrayAxis::Time)?,
            space: (0..roles.len())
                .filter(|&k| roles[k] == ArrayAxis::Space)
                .collect(),
            component: only(ArrayAxis::Component)?,
        })
    }

    /// The array with the axes samples, time, space and components, those that it lacks of length 1.
    pub fn arrange(&self, array: Array<f64>) -> Array<f64> {
        let mut order = vec![self.sample, self.time];
        order.extend(self.space.iter().map(|&place| Some(place)));
        order.push(self.component);
        let mut strides = vec![1; array.shape.len()];
        for axis in (1..array.shape.len()).rev() {
            strides[axis - 1] = strides[axis] * array.shape[axis];
        }
        let shape = order.iter().map(|axis| axis.map_or(1, |k| array.shape[k]));
        let shape: Vec<usize> = shape.collect();
        let present: Vec<usize> = order.iter().copied().flatten().collect();
        if present.is_sorted() {
            let values = array.values;
            return Array { shape, values };
        }
        let steps: Vec<usize> = order
            .iter()
            .map(|axis| axis.map_or(0, |k| strides[k]))
            .collect();
        Array {
            values: gather(&shape, &steps, &array.values),
            shape,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ArrayAxis::{Component, Sample, Space, Time};
    use super::*;

    #[test]
    fn any_order_becomes_the_one_order() {
        // Entry (x, t) is 10 t + x.
        let array = Array {
            shape: vec![3, 2],
            values: vec![0.0, 10.0, 1.0, 11.0, 2.0, 12.0],
        };
        let sorted = Places::new(&[Space, Time]).unwrap().arrange(array);
        assert_eq!(sorted.shape, [1, 2, 3, 1]);
        assert_eq!(sorted.values, [0.0, 1.0, 2.0, 10.0, 11.0, 12.0]);
        let array = Array {
            shape: vec![2, 1, 2, 3],
            values: (0..12).map(f64::from).collect(),
        };
        let sorted = Places::new(&[Component, Sample, Space, Space]).unwrap();
        let sorted = sorted.arrange(array.clone());
        assert_eq!(sorted.shape, [1, 1, 2, 3, 2]);
        assert_eq!(sorted.values[..4], [0.0, 6.0, 1.0, 7.0]);
        let kept = Places::new(&[Sample, Time, Space, Space]).unwrap();
        assert_eq!(kept.arrange(array.clone()).values, array.values);
        assert!(
            Places::new(&[Time, Space, Time])
                .unwrap_err()
                .contains("Time twice")
        );
    }
}
