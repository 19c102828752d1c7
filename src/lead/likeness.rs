//! How alike two words are.

/// 0 to 100: how alike two words are, by the letters that must change.
pub(super) fn likeness(a: &str, b: &str) -> usize {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    let longest = a.chars().count().max(b.chars().count()).max(1);
    100 * (longest - distance(&a, &b)) / longest
}

/// Levenshtein's distance: how many letters to add, drop or change.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    edit_cost(a, b, |_| 1, |x, y| usize::from(x != y))
}

/// Levenshtein's distance with prices: what it costs to turn one text into the other when `lost` is the price of a letter that only one has, and
/// `changed` that of one in the place of another.
pub(super) fn edit_cost(
    a: &str,
    b: &str,
    lost: impl Fn(char) -> usize,
    changed: impl Fn(char, char) -> usize,
) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row = vec![0];
    for y in &b {
        row.push(row[row.len() - 1] + lost(*y));
    }
    for x in a.chars() {
        let mut diagonal = row[0];
        row[0] += lost(x);
        for (at, y) in b.iter().enumerate() {
            let swapped = diagonal + changed(x, *y);
            diagonal = row[at + 1];
            row[at + 1] = swapped.min(row[at] + lost(*y)).min(diagonal + lost(x));
        }
    }
    row[b.len()]
}
