//! The rows of a table that a run wrote, as figures with their intervals.
//!
//! In: `<name>.csv`; out: what its sheet names, as the file has it: nothing is computed here but a change of unit.

use crate::formats::table::{self, Table};
use crate::measures::sensors::page::both;
use crate::measures::sensors::plot::escape;
use crate::publish::inventory::Inventory;
use crate::publish::sheets::{Figure, Interval, Sheet, WHOLE, missing_of};
use crate::text::{Text, number};

/// One row: who, and how much.
pub struct Row {
    /// Code, name, date… as the file has them.
    pub names: Vec<String>,
    /// The figures, in the sheet's order.
    pub values: Vec<Reading>,
}

/// A figure as read.
#[derive(Clone)]
pub struct Reading {
    /// What it is.
    pub figure: &'static Figure,
    /// Its value; `None` where the file has none.
    pub value: Option<f64>,
    /// Its interval and the interval's level, per cent.
    pub interval: Option<(f64, f64, u8)>,
    /// Share of the zone that was seen, 0 to 1, where the file tells.
    pub seen: Option<f64>,
}

/// The rows of a sheet; none where its table is not there.
pub fn read(inventory: &Inventory, sheet: &'static Sheet) -> Vec<Row> {
    let path = format!("{}.csv", sheet.name);
    if !inventory.has(&path) {
        return Vec::new();
    }
    let Ok(table) = table::read(&inventory.out.join(path)) else { return Vec::new() };
    let names: Vec<Option<usize>> = sheet.names.iter().map(|name| exact(&table, name)).collect();
    let row = |row: usize| Row {
        names: names.iter().map(|at| at.map_or_else(String::new, |at| table.rows[row][at].clone())).collect(),
        values: sheet.figures.iter().map(|figure| reading(&table, row, sheet, figure)).collect(),
    };
    (0..table.rows.len()).map(row).collect()
}

fn exact(table: &Table, name: &str) -> Option<usize> {
    table.names.iter().position(|own| own == name)
}

fn reading(table: &Table, row: usize, sheet: &Sheet, figure: &'static Figure) -> Reading {
    let of = |name: &str| table.number(row, exact(table, name)?).number().map(|value| value * figure.factor);
    let value = of(figure.column);
    let interval = match figure.interval {
        Interval::Ends(low, high, level) => of(low).zip(of(high)).map(|(low, high)| (low, high, level)),
        Interval::Half(half, level) => {
            value.zip(of(half)).map(|(value, half)| (value - half, value + half, level))
        }
        Interval::Unknown | Interval::None => None,
    };
    let missing = missing_of(sheet.name, figure.column).and_then(|name| exact(table, name));
    let seen = missing.and_then(|at| table.number(row, at).number()).map(|missing| 1.0 - missing);
    Reading { figure, value, interval, seen }
}

impl Row {
    /// What people call it: its name, else its code.
    pub fn name(&self) -> &str {
        self.names.get(1).filter(|name| !name.is_empty()).or(self.names.first()).map_or("", String::as_str)
    }

    /// The figure of a column.
    pub fn of(&self, column: &str) -> Option<&Reading> {
        self.values.iter().find(|reading| reading.figure.column == column)
    }
}

impl Reading {
    /// The value with its unit.
    pub fn shown(&self) -> String {
        let Some(value) = self.value else { return "–".to_owned() };
        let text = number(value, self.figure.decimals);
        let gap = if self.figure.unit.is_empty() { "" } else { "\u{a0}" };
        both(&Text { fr: text.fr + gap + self.figure.unit, en: text.en + gap + english(self.figure.unit) })
    }

    /// The interval in words, or that there is none.
    pub fn sure(&self) -> String {
        let decimals = self.figure.decimals;
        let text = match (self.value, self.interval, self.figure.interval) {
            (None, ..) => Text { fr: "sans valeur".into(), en: "no value".into() },
            (_, Some((low, high, level)), _) => {
                let (low, high) = (number(low, decimals), number(high, decimals));
                Text {
                    fr: format!("{} à {} (à {level}\u{a0}%)", low.fr, high.fr),
                    en: format!("{} to {} (at {level}\u{a0}%)", low.en, high.en),
                }
            }
            (_, None, Interval::None) => Text::default(),
            _ => Text { fr: "intervalle non estimé".into(), en: "interval not estimated".into() },
        };
        both(&text)
    }

    /// Of how much of the zone it is, where that is not all.
    pub fn of_part(&self) -> Option<Text> {
        let seen = self.seen.filter(|seen| *seen < WHOLE && self.value.is_some())?;
        // Never rounded up to the whole.
        let share = number((seen * 100.0).floor(), 0);
        Some(Text {
            fr: format!("sur {}\u{a0}% du territoire, le reste est sans donnée", share.fr),
            en: format!("over {}\u{a0}% of the territory, the rest has no data", share.en),
        })
    }

    /// The same for a page; empty where the zone was seen whole.
    pub fn part(&self) -> String {
        self.of_part().map_or_else(String::new, |text| format!("<em>{}</em>", both(&text)))
    }

    /// Whether its interval holds zero: it cannot be told from nothing.
    pub fn may_be_nothing(&self) -> bool {
        self.interval.is_some_and(|(low, high, _)| low <= 0.0 && high >= 0.0)
    }
}

/// Units as English writes them.
fn english(unit: &str) -> &str {
    if unit == "ha/an" { "ha/yr" } else { unit }
}

/// A table of all rows, each figure over its interval.
pub fn table(sheet: &'static Sheet, rows: &[Row], columns: &[&str]) -> String {
    let kept: Vec<&Figure> = sheet.figures.iter().filter(|figure| columns.contains(&figure.column)).collect();
    let mut html = "<table class=\"figures\"><thead><tr><th></th>".to_owned();
    for figure in &kept {
        html += &format!("<th>{}</th>", both(&figure.label.text()));
    }
    html += "</tr></thead><tbody>";
    for row in rows {
        let dates: Vec<&str> =
            row.names.iter().skip(2).map(String::as_str).filter(|it| !it.is_empty()).collect();
        let dates = if dates.is_empty() {
            String::new()
        } else {
            format!(" <small>{}</small>", escape(&dates.join(" → ")))
        };
        html += &format!("<tr><th scope=\"row\">{}{dates}</th>", escape(row.name()));
        for figure in &kept {
            let reading = row.of(figure.column).expect("the sheet has it");
            let (shown, part, sure) = (reading.shown(), reading.part(), reading.sure());
            html += &format!("<td><b>{shown}</b>{part}<small>{sure}</small></td>");
        }
        html += "</tr>";
    }
    html + "</tbody></table>"
}

/// A row of bars or dots with their intervals, over one axis; `colour` is that of each.
pub fn whiskers(readings: &[(String, Reading, String)], unit: &str) -> String {
    let ends = readings.iter().flat_map(|(_, reading, _)| {
        let (low, high, _) = reading.interval.unwrap_or((0.0, 0.0, 0));
        [reading.value.unwrap_or(0.0), low, high]
    });
    let (low, high) = ends.fold((0.0f64, 0.0f64), |(low, high), end| (low.min(end), high.max(end)));
    let span = if high > low { high - low } else { 1.0 };
    let (left, width, step) = (210.0, 380.0, 24.0);
    let x = |value: f64| left + (value - low) / span * width;
    let tall = readings.len() as f64 * step + 6.0;
    let mut svg = format!(
        "<svg viewBox=\"0 0 700 {tall}\" role=\"img\" class=\"whiskers\"><path class=\"axis\" d=\"M{:.1} 0V{tall}\"/>",
        x(0.0)
    );
    for (place, (name, reading, colour)) in readings.iter().enumerate() {
        let y = place as f64 * step + 3.0;
        svg +=
            &format!("<g><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>", left - 8.0, y + 13.0);
        let Some(value) = reading.value else {
            svg += "</g>";
            continue;
        };
        let (from, to) = (x(value.min(0.0)), x(value.max(0.0)));
        svg += &format!(
            "<rect x=\"{from:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"16\" fill=\"{colour}\"/>",
            (to - from).max(0.6)
        );
        let mut end = to;
        if let Some((low, high, _)) = reading.interval {
            let (a, b, middle) = (x(low), x(high), y + 8.0);
            end = end.max(b);
            svg += &format!(
                "<path class=\"whisker\" d=\"M{a:.1} {middle}H{b:.1}M{a:.1} {:.1}v8M{b:.1} {:.1}v8\"/>",
                middle - 4.0,
                middle - 4.0
            );
        }
        let text = number(value, reading.figure.decimals);
        let words = |text: &str| format!("{text} {unit}");
        let at = |language: &str, text: &str| {
            format!(
                "<text lang=\"{language}\" x=\"{:.1}\" y=\"{:.1}\" class=\"value\">{}</text>",
                end + 6.0,
                y + 13.0,
                words(text)
            )
        };
        svg += &(at("fr", &text.fr) + &at("en", &text.en) + "</g>");
    }
    svg + "</svg>"
}
