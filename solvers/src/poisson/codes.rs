//! What surrounds a cell, in 13 bits.
//!
//! Bits 0 to 5: the neighbour on that [`Side`] is fluid. Bits 6-7, 8-9, 10-11: how many of the two
//! faces in x, y, z are not solid. Bit 12: the cell is fluid. 0 for cells that are not.

use rayon::prelude::*;

use super::{Cell, FlagGrid, Side};
const FIRST_COUNT: usize = 6;

/// The cell is fluid.
pub(super) const FLUID: u16 = 1 << 12;

/// Whether the neighbour on a side is fluid.
#[inline(always)]
pub(super) fn is_fluid(code: u16, side: usize) -> bool {
    code >> side & 1 == 1
}

/// Faces along an axis that are not solid: 0, 1 or 2.
#[inline(always)]
pub(super) fn open(code: u16, axis: usize) -> u16 {
    code >> (FIRST_COUNT + 2 * axis) & 3
}

/// Faces along an axis that lead to air.
#[inline(always)]
pub(super) fn air(code: u16, axis: usize) -> u16 {
    open(code, axis) - (code >> (2 * axis) & 1) - (code >> (2 * axis + 1) & 1)
}

/// Whether any face is not solid.
#[inline(always)]
pub(super) fn any_open(code: u16) -> bool {
    code >> FIRST_COUNT & 63 != 0
}

/// Whether any face leads to air.
#[inline(always)]
pub(super) fn touches_air(code: u16) -> bool {
    let open = open(code, 0) + open(code, 1) + open(code, 2);
    u32::from(open) > (code & 63).count_ones()
}

/// The code of one cell.
pub(super) fn of_cell(grid: &FlagGrid, cell: usize) -> u16 {
    if grid.cell(cell) != Cell::Fluid {
        return 0;
    }
    Side::ALL.into_iter().fold(FLUID, |code, side| {
        code + of_neighbour(grid.beyond(cell, side).1 as u8, side as usize)
    })
}

/// The codes of all cells.
pub(super) fn of_grid(grid: &FlagGrid) -> Vec<u16> {
    let [nx, ny, nz] = grid.dims();
    let mut codes = vec![0; grid.len()];
    let behind = Side::ALL.map(|side| vec![grid.behind(side) as u8; nx]);
    codes
        .par_chunks_mut(nx)
        .enumerate()
        .for_each(|(row, codes)| {
            let (j, k) = (row % ny, row / ny);
            let at = |row: usize| &grid.flags()[row * nx..(row + 1) * nx];
            let around = [
                if j > 0 { at(row - 1) } else { &behind[2] },
                if j + 1 < ny { at(row + 1) } else { &behind[3] },
                if k > 0 { at(row - ny) } else { &behind[4] },
                if k + 1 < nz { at(row + ny) } else { &behind[5] },
            ];
            let own = at(row);
            pulp::Arch::new().dispatch(|| of_row(own, around, [behind[0][0], behind[1][0]], codes));
        });
    codes
}

/// The codes of a row of cells, given the flags of the rows around it and of what is at its ends.
#[inline(always)]
fn of_row(own: &[u8], around: [&[u8]; 4], ends: [u8; 2], codes: &mut [u16]) {
    let n = own.len();
    for (i, code) in codes.iter_mut().enumerate() {
        let sides = [around[0][i], around[1][i], around[2][i], around[3][i]];
        *code = (2..6).fold(FLUID, |code, side| {
            code + of_neighbour(sides[side - 2], side)
        });
    }
    for (code, &west) in codes[1..].iter_mut().zip(own) {
        *code += of_neighbour(west, 0);
    }
    for (code, &east) in codes.iter_mut().zip(&own[1..]) {
        *code += of_neighbour(east, 1);
    }
    codes[0] += of_neighbour(ends[0], 0);
    codes[n - 1] += of_neighbour(ends[1], 1);
    for (code, &flag) in codes.iter_mut().zip(own) {
        *code = if flag == Cell::Fluid as u8 { *code } else { 0 };
    }
}

/// What a neighbour with this flag adds to a code.
#[inline(always)]
fn of_neighbour(flag: u8, side: usize) -> u16 {
    let fluid = u16::from(flag == Cell::Fluid as u8) << side;
    let open = u16::from(flag != Cell::Solid as u8) << (FIRST_COUNT + side / 2 * 2);
    fluid + open
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_cells_agree() {
        for dims in [[7, 5, 3], [1, 6, 4], [9, 8, 1], [2, 1, 1], [1, 1, 1]] {
            let n: usize = dims.iter().product();
            let flags: Vec<u8> = (0..n)
                .map(|i| ((i * 7919 + 13) / 5 % 4 % 3) as u8)
                .collect();
            let mut grid = FlagGrid::new(dims, &flags).expect("valid");
            for side in [Side::XMax, Side::YMin] {
                grid = grid.open(side).expect("valid");
            }
            let codes = of_grid(&grid);
            for (cell, &code) in codes.iter().enumerate() {
                assert_eq!(code, of_cell(&grid, cell), "{dims:?} cell {cell}");
                let air = Side::ALL
                    .iter()
                    .filter(|&&s| grid.beyond(cell, s).1 == Cell::Air);
                let expected = if flags[cell] == 1 {
                    air.count() as u16
                } else {
                    0
                };
                assert_eq!((0..3).map(|a| super::air(code, a)).sum::<u16>(), expected);
                assert_eq!(touches_air(code), expected > 0);
            }
        }
    }
}
