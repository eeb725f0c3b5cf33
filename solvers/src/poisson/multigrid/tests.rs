//! The cycle as a matrix, and its parts against their definitions.

use super::super::{FlagGrid, Side};
use super::level::{BLACK, RED};
use super::*;
use crate::linear::LinearOperator;

/// A reproducible pattern of flags: about a quarter solid, some air.
fn speckled(dims: [usize; 3], air: bool) -> FlagGrid {
    let flags: Vec<u8> = (0..dims.iter().product::<usize>())
        .map(|i| match (i * 2_654_435_761) >> 7 & 15 {
            0..=3 => 0,
            4 if air => 2,
            _ => 1,
        })
        .collect();
    FlagGrid::new(dims, &flags).expect("valid")
}

fn random(n: usize, seed: u64) -> Vec<f64> {
    use rand::{Rng, SeedableRng};
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    (0..n).map(|_| rng.random_range(-1.0..1.0)).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Values on the fluid cells, balanced on every singular component.
fn balanced(stencil: &FlagStencil, seed: u64) -> Vec<f64> {
    let (components, nullspace) = super::super::components::Components::find(stencil);
    let mut v = random(components.labels.len(), seed);
    for (v, &label) in v.iter_mut().zip(&components.labels) {
        *v = if label == u32::MAX { 0.0 } else { *v };
    }
    if let Some(nullspace) = nullspace {
        nullspace.project(&mut v);
    }
    v
}

#[test]
fn sweeps_solve_each_colour() {
    let grid = speckled([7, 5, 4], true);
    let stencil = FlagStencil::new(&grid);
    let graph = GridGraph::from_stencil(&stencil, 1.0);
    let mut level = Level::new(&graph);
    let place = |cell: usize| {
        let (colour, entry) = level.layout.place(cell);
        (colour, entry + level.layout.pad)
    };
    let places: Vec<_> = (0..grid.len()).map(place).collect();
    for (cell, (&(colour, entry), (x, b))) in places
        .iter()
        .zip(random(grid.len(), 1).iter().zip(random(grid.len(), 2)))
        .enumerate()
    {
        if graph.diag[cell] > 0.0 {
            level.x[colour][entry] = *x as f32;
            level.b[colour][entry] = b as f32;
        }
    }
    let residual = |level: &Level| -> Vec<f64> {
        let get = |v: &[Vec<f32>; 2]| -> Vec<f64> {
            places.iter().map(|&(c, e)| f64::from(v[c][e])).collect()
        };
        let (x, b) = (get(&level.x), get(&level.b));
        let mut ax = vec![0.0; x.len()];
        stencil.apply(&x, &mut ax);
        b.iter().zip(ax).map(|(b, ax)| b - ax).collect()
    };
    let largest = |r: &[f64], colour: usize| {
        let of = r.iter().zip(&places).filter(|(_, p)| p.0 == colour);
        of.map(|(r, _)| r.abs()).fold(0.0, f64::max)
    };
    level.relax_black();
    assert!(largest(&residual(&level), BLACK) < 2e-6);
    assert!(largest(&residual(&level), RED) > 0.1);
    level.red_residual();
    for (r, &(colour, entry)) in residual(&level).iter().zip(&places) {
        assert!(colour == BLACK || (r - f64::from(level.residual[entry])).abs() < 2e-6);
    }
    level.relax_red();
    assert!(largest(&residual(&level), RED) < 2e-6);
}

#[test]
fn both_cycles_are_symmetric_and_positive() {
    for (dims, air, open) in [
        ([16, 16, 16], false, None),
        ([13, 11, 9], true, None),
        ([12, 10, 8], false, Some(Side::ZMax)),
        ([40, 31, 1], false, None),
        ([33, 64, 1], true, Some(Side::XMin)),
        // several slabs
        ([131, 126, 37], true, None),
    ] {
        let mut grid = speckled(dims, air);
        if let Some(side) = open {
            grid = grid.open(side).expect("valid");
        }
        let stencil = FlagStencil::new(&grid);
        let mut cycle = Multigrid::new(&stencil).expect("factorisable");
        assert!(cycle.levels() > 1, "{dims:?}");
        let n = grid.len();
        let (mut mu, mut mv) = (vec![0.0; n], vec![0.0; n]);
        // five pairs with the W-cycle, five with the V-cycle
        for seed in 0..10 {
            if seed == 5 {
                assert!(cycle.use_v_cycle());
            }
            let (u, v) = (balanced(&stencil, seed), balanced(&stencil, seed + 100));
            cycle.apply(&u, &mut mu);
            cycle.apply(&v, &mut mv);
            let (vmu, umv) = (dot(&v, &mu), dot(&u, &mv));
            let scale = (dot(&u, &mu) * dot(&v, &mv)).sqrt();
            assert!(dot(&u, &mu) > 0.0, "{dims:?} seed {seed}");
            assert!(
                (vmu - umv).abs() < 1e-5 * scale,
                "{dims:?} seed {seed}: {vmu} {umv}"
            );
        }
    }
}

#[test]
fn restriction_is_the_transpose_of_prolongation() {
    for dims in [[9, 8, 7], [16, 16, 1], [6, 20, 10]] {
        let stencil = FlagStencil::new(&speckled(dims, true));
        let fine = GridGraph::from_stencil(&stencil, 1.0);
        let step = Coarsening::new(&fine);
        let mut transfer = Transfer::new(&fine, &step);
        let (mut upper, mut lower) = (Level::new(&fine), Level::new(&step.coarse));
        let fill = |level: &mut Level, graph: &GridGraph, seed| {
            let places = level::Places::new(level.layout, graph);
            for (node, value) in random(graph.nodes(), seed).into_iter().enumerate() {
                if graph.diag[node] > 0.0 {
                    let (colour, entry) = places.of(node);
                    level.x[colour][entry] = value as f32;
                }
            }
        };
        fill(&mut upper, &fine, 3);
        fill(&mut lower, &step.coarse, 4);
        let product = |a: &[f32], b: &[f32]| -> f64 {
            a.iter()
                .zip(b)
                .map(|(&a, &b)| f64::from(a) * f64::from(b))
                .sum()
        };
        // (R u) . v against u . (P v) over red fine nodes
        upper.residual = std::mem::replace(&mut upper.x[RED], vec![0.0; upper.residual.len()]);
        transfer.restrict(&upper, &mut lower);
        let left: f64 = (0..2).map(|c| product(&lower.b[c], &lower.x[c])).sum();
        transfer.interpolate(&lower, &mut upper);
        let right = product(&upper.residual, &upper.x[RED]);
        assert!(
            (left - right).abs() < 1e-5 * right.abs().max(1.0),
            "{dims:?}: {left} {right}"
        );
        assert!(right.abs() > 1e-3);
    }
}

#[test]
fn interpolation_of_a_linear_function_is_exact_inside() {
    let grid = FlagGrid::all_fluid([16, 16, 16]).expect("valid");
    let fine = GridGraph::from_stencil(&FlagStencil::new(&grid), 1.0);
    let step = Coarsening::new(&fine);
    let mut transfer = Transfer::new(&fine, &step);
    let (mut upper, mut lower) = (Level::new(&fine), Level::new(&step.coarse));
    let value = |p: [f64; 3]| 0.3 * p[0] - 0.5 * p[1] + 0.8 * p[2];
    for cell in 0..step.coarse.cells() {
        let (colour, entry) = lower.layout.place(cell);
        let centre = step.coarse.position(cell).map(|i| 2.0 * i as f64 + 1.0);
        lower.x[colour][entry + lower.layout.pad] = value(centre) as f32;
    }
    transfer.interpolate(&lower, &mut upper);
    for cell in 0..fine.cells() {
        let (colour, entry) = upper.layout.place(cell);
        let position = fine.position(cell);
        if colour == RED && position.iter().all(|&i| i > 0 && i < 15) {
            let expected = value(position.map(|i| i as f64 + 0.5));
            let found = f64::from(upper.x[RED][entry + upper.layout.pad]);
            assert!(
                (found - expected).abs() < 1e-5,
                "{position:?}: {found} {expected}"
            );
        }
    }
}

#[test]
fn coarse_grids_are_connected_where_the_fine_one_is() {
    for dims in [[16, 16, 16], [31, 17, 9], [64, 64, 1]] {
        let stencil = FlagStencil::new(&speckled(dims, false));
        let mut graph = GridGraph::from_stencil(&stencil, 1.0);
        let components = |graph: &GridGraph| {
            let mut seen = vec![false; graph.nodes()];
            let mut count = 0;
            for first in 0..graph.nodes() {
                if seen[first] || graph.diag[first] == 0.0 {
                    continue;
                }
                count += 1;
                let mut open = vec![first];
                seen[first] = true;
                while let Some(node) = open.pop() {
                    for (other, weight) in graph.all_couplings(node) {
                        assert!(weight > 0.0);
                        if !std::mem::replace(&mut seen[other], true) {
                            open.push(other);
                        }
                    }
                }
            }
            count
        };
        let mut last = components(&graph);
        assert!(last >= 1);
        while graph.cells() > 1 {
            let collapsed = |coarse: &GridGraph, parent: &[u32]| {
                // components whose nodes all went into one coarse node have no coupling left
                let mut alone: Vec<u32> = (0..graph.nodes())
                    .filter(|&n| graph.diag[n] > 0.0 && coarse.diag[parent[n] as usize] == 0.0)
                    .map(|n| parent[n])
                    .collect();
                alone.sort_unstable();
                alone.dedup();
                alone.len()
            };
            let step = Coarsening::new(&graph);
            let now = components(&step.coarse);
            assert_eq!(
                now + collapsed(&step.coarse, &step.parent),
                last,
                "{dims:?}"
            );
            (graph, last) = (step.coarse, now);
        }
    }
}

#[test]
fn an_update_gives_what_a_new_hierarchy_gives() {
    use super::super::{Cell, codes};
    for (dims, air) in [([20, 18, 16], false), ([33, 40, 1], true)] {
        let mut grid = speckled(dims, air);
        let mut stencil = FlagStencil::new(&grid);
        let mut updated = Multigrid::new(&stencil).expect("factorisable");
        for round in 0..4usize {
            // a handful of cells, each to the next of solid, fluid, air
            let mut cells = Vec::new();
            for i in 0..9usize {
                let cell = (i * 7919 + round * 104_729) % grid.len();
                let next = [
                    Cell::Fluid,
                    if air { Cell::Air } else { Cell::Solid },
                    Cell::Solid,
                ];
                grid.set(cell, next[grid.cell(cell) as usize]);
                cells.extend(grid.with_neighbours(cell));
            }
            cells.sort_unstable();
            cells.dedup();
            stencil.refresh(&grid, &cells);
            let worked_on = updated.update(&stencil, &cells).expect("factorisable");
            assert!(
                worked_on <= 12 * cells.len(),
                "{worked_on} for {}",
                cells.len()
            );
            assert!(grid.len() > 12 * cells.len());
            let fresh_stencil = FlagStencil::new(&grid);
            for cell in 0..grid.len() {
                assert_eq!(codes::of_cell(&grid, cell), stencil.code(cell));
            }
            let mut fresh = Multigrid::new(&fresh_stencil).expect("factorisable");
            let r = balanced(&fresh_stencil, round as u64);
            let (mut a, mut b) = (vec![0.0; grid.len()], vec![0.0; grid.len()]);
            updated.apply(&r, &mut a);
            fresh.apply(&r, &mut b);
            assert_eq!(a, b, "{dims:?} round {round}");
        }
    }
}
