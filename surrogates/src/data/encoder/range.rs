//! What a model has seen.

use karman_datasets::TrainingReach;

use super::Encoder;

impl Encoder {
    /// Smallest and largest value of the input column `name` over all points of the train cases;
    /// `None` where it is no input of the model.
    pub fn input_range(&self, name: &str) -> Option<[f64; 2]> {
        let place = self.inputs.names().iter().position(|known| known == name)?;
        // Inputs are scaled onto [-1, 1] by these two.
        let (centre, half) = (self.inputs.shift()[place], self.inputs.scale()[place]);
        Some([centre - half, centre + half])
    }

    /// Where the points of the train cases lie; `None` for a model without `x`, `y` and `sdf`
    /// among its inputs.
    pub fn training_reach(&self) -> Option<TrainingReach> {
        let range = |name| self.input_range(name);
        let (x, y, sdf) = (range("x")?, range("y")?, range("sdf")?);
        Some(TrainingReach {
            low: [x[0], y[0]],
            high: [x[1], y[1]],
            sdf_max: sdf[1],
        })
    }
}

#[cfg(test)]
mod tests {
    use karman_datasets::{CaseTable, SyntheticCase};

    use super::*;
    use crate::{FeatureConfig, MemorySource};

    #[test]
    fn ranges_are_those_of_the_train_cases() {
        let cases = [40.0, 60.0].map(|speed| {
            let case = SyntheticCase {
                speed,
                ..SyntheticCase::default()
            };
            let sample = case.sample().expect("a synthetic case");
            CaseTable::from_sample(&sample).expect("its table")
        });
        let column = |name| cases[0].table.column(name).expect("an input");
        let largest = |name| column(name).into_iter().fold(f32::MIN, f32::max);
        let source = MemorySource::new(cases.iter().map(|c| (c.info.clone(), c.table.clone())));
        let encoder =
            Encoder::fit(&FeatureConfig::default(), &source, &[0, 1]).expect("statistics");
        let reach = encoder.training_reach().expect("x, y and sdf are inputs");
        let near = |a: f64, b: f32| (a - f64::from(b)).abs() < 1e-5;
        assert!(near(reach.high[0], largest("x")), "{reach:?}");
        assert!(near(reach.high[1], largest("y")), "{reach:?}");
        assert!(near(reach.sdf_max, largest("sdf")), "{reach:?}");
        assert!(encoder.input_range("arc").is_none());
    }
}
