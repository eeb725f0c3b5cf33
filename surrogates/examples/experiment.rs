use burn::tensor::Device;
use karman_datasets::*;
use karman_surrogates::*;
use std::path::Path;
#[global_allocator]
static A: mimalloc::MiMalloc = mimalloc::MiMalloc;
#[derive(serde::Deserialize)]
struct Cfg { #[serde(default)] features: FeatureConfig, #[serde(default)] model: ModelConfig, #[serde(default)] training: TrainingConfig }
struct Obs;
impl TrainingObserver for Obs { fn epoch(&mut self, m:&EpochMetrics, n:usize){ if let Some(v)=m.validation { eprintln!("{}/{n} step {} {:.0}s loss {:.2e} lr {:.1e} vol {:?} surf {:.2e}", m.epoch,m.step,m.seconds,m.loss,m.learning_rate,v.volume.map(|x| (x*1e5).round()/1e5),v.surface_pressure)} } }
fn main(){
  let args:Vec<String>=std::env::args().collect();
  let cfg:Cfg=toml::from_str(&std::fs::read_to_string(&args[1]).unwrap()).unwrap();
  let ds=AirfransDataset::open("/work/shared/data/airfoil-openfoam").unwrap();
  let cache=Cache::open_or_build(&ds,"/work/tools/cache",Progress::default()).unwrap();
  let names=ds.cases("full_train").unwrap();
  let split=split_validation(&names,cfg.training.validation,cfg.training.seed).unwrap();
  let train=cache.positions(&split.train).unwrap(); let val=cache.positions(&split.validation).unwrap();
  let test=cache.positions(&ds.cases("full_test").unwrap()).unwrap();
  eprintln!("{} train {} val {} test",train.len(),val.len(),test.len());
  let enc=Encoder::fit(&cfg.features,&cache,&train).unwrap();
  let dev=Device::flex();
  let folder=Path::new(&args[2]); std::fs::create_dir_all(folder).unwrap();
  let out=Trainer{model:&cfg.model,config:&cfg.training,encoder:&enc,latent:None,source:&cache,train:&train,validation:&val,device:&dev,folder}.run(false,&mut Obs).unwrap();
  eprintln!("done {:?} best {:?} {:.0}s params {}",out.stop,out.best,out.seconds,out.model.n_parameters());
  let v=validate(&out.model,&cache,&test).unwrap();
  println!("{} TEST vol {:.3e} {:.3e} {:.3e} {:.3e} surf {:.3e}",args[1],v.volume[0],v.volume[1],v.volume[2],v.volume[3],v.surface_pressure);
  // forces
  let mut e=vec![]; let (mut tl,mut pl,mut td,mut pd)=(vec![],vec![],vec![],vec![]);
  for &c in &test { let info=&cache.cases()[c]; let s=ds.load(&info.name).unwrap(); let table=cache.read_all(c,RowOrder::Nodes).unwrap();
    let p=out.model.predict(info,&table).unwrap().fields;
    let ff=FlowFields{velocity:p.chunks(4).map(|r|[r[0] as f64,r[1] as f64]).collect(),pressure:p.chunks(4).map(|r|r[2] as f64).collect(),nut:p.chunks(4).map(|r|r[3] as f64).collect()};
    let t=forces_of(&s,&FlowFields::from_sample(&s).unwrap()).unwrap(); let f=forces_of(&s,&ff).unwrap();
    tl.push(t.cl);pl.push(f.cl);td.push(t.cd);pd.push(f.cd);
    e.push((((f.cl-t.cl)/t.cl).abs(),((f.cd-t.cd)/t.cd).abs(), (f.cd_pressure-t.cd_pressure)/t.cd, (f.cd_viscous-t.cd_viscous)/t.cd)); }
  let n=e.len() as f64;
  println!("CL err {:.4} rank {:.4}  CD err {:.4} rank {:.4}; mean |cdp err|/cd {:.4} |cdv err|/cd {:.4}", e.iter().map(|x|x.0).sum::<f64>()/n, spearman(&tl,&pl).unwrap(), e.iter().map(|x|x.1).sum::<f64>()/n, spearman(&td,&pd).unwrap(), e.iter().map(|x|x.2.abs()).sum::<f64>()/n, e.iter().map(|x|x.3.abs()).sum::<f64>()/n);
}
