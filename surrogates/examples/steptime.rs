use burn::{Tensor, tensor::{Device, TensorData, Distribution}};
use karman_surrogates::*;
use rand::SeedableRng;
use std::time::Instant;
#[global_allocator]
static A: mimalloc::MiMalloc = mimalloc::MiMalloc;
fn main(){
  for points in [512usize, 4096] {
  let dev=Device::flex().autodiff();
  let mut rng=rand_chacha::ChaCha8Rng::seed_from_u64(0);
  let net=ModulatedFieldConfig::default().init((6,22,4),&mut rng,&dev);
  let x=Tensor::<3>::random([4,points,6],Distribution::Uniform(-1.,1.),&dev);
  let z=Tensor::<2>::random([4,22],Distribution::Uniform(-1.,1.),&dev);
  let y=Tensor::<3>::random([4,points,4],Distribution::Uniform(-1.,1.),&dev);
  let mut best=f64::MAX; let mut bf=f64::MAX; let mut all=vec![];
  for _ in 0..40 { let t=Instant::now();
   let m=net.modulation(z.clone());
   let out=net.forward(x.clone(),m);
   let loss=(out-y.clone()).powi_scalar(2).mean();
   bf=bf.min(t.elapsed().as_secs_f64());
   let g=loss.backward();
   let d=t.elapsed().as_secs_f64(); best=best.min(d); all.push(d);
   drop(g); let _=TensorData::new(vec![0f32],[1]);
  }
  all.sort_by(f64::total_cmp);
  println!("{} points: fwd {:.1} ms, fwd+bwd min {:.1} median {:.1} ms",4*points,bf*1e3,best*1e3,all[20]*1e3);
  }
}
