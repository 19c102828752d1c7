//! Plain tables for the terminal.

use std::fmt::Write as _;

/// Rows under a heading, columns as wide as their longest cell; the last column is not padded.
pub(super) fn render(heading: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([heading[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heading.len()).map(width).collect();
    let mut table = String::new();
    let heading: Vec<String> = heading.iter().map(ToString::to_string).collect();
    let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
    for row in [&heading, &rule].into_iter().chain(rows) {
        let mut line = String::from("  ");
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:<width$}  ");
        }
        table.push_str(line.trim_end());
        table.push('\n');
    }
    table
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_line_up() {
        let rows = [vec!["name".to_owned(), "Dana".to_owned()], vec!["preferred_time".to_owned(), "9".to_owned()]];
        let lines = ["slot            value", "──────────────  ─────", "name            Dana", "preferred_time  9", ""];
        assert_eq!(super::render(&["slot", "value"], &rows), format!("  {}", lines.join("\n  ")).trim_end_matches(' '));
    }
}
