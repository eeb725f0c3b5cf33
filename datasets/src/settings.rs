//! Configuration files: `key=value` laid over them, and messages that suggest the key that was meant.

use serde::Serialize;

use crate::closest::closest;

/// Lays `a.b.c=value` over a table; values are TOML, and bare words are taken as texts.
///
/// # Errors
/// What is wrong with the setting, as a clause that follows it.
pub fn apply_setting(table: &mut toml::Table, setting: &str) -> Result<(), String> {
    let (key, value) = setting
        .split_once('=')
        .ok_or("needs the form key=value, for example sampling.count=8")?;
    let value = toml::from_str::<toml::Table>(&format!("v = {value}"))
        .ok()
        .and_then(|mut parsed| parsed.remove("v"))
        .unwrap_or_else(|| toml::Value::String(value.trim().to_string()));
    let mut keys: Vec<&str> = key.trim().split('.').collect();
    let last = keys.pop().filter(|last| !last.is_empty());
    let last = last.ok_or("has no key before the equals sign")?;
    let mut place = table;
    for key in keys {
        let entry = place
            .entry(key)
            .or_insert_with(|| toml::Value::Table(toml::Table::new()));
        place = match entry {
            toml::Value::Table(table) => table,
            _ => return Err("goes into a value that is not a table".into()),
        };
    }
    place.insert(last.to_string(), value);
    Ok(())
}

/// What the TOML reader says, in one line, with the nearest of the keys that it lists where a key is
/// unknown: "unknown field `conut`, expected one of `count`, `seed`; did you mean `count`?"
pub fn explained_toml_error(error: &toml::de::Error) -> String {
    let message = error.to_string();
    let mut line = message.trim_end().replace('\n', " ");
    let unknown = ["unknown field `", "unknown variant `"]
        .iter()
        .find_map(|start| message.split_once(start));
    let Some((name, rest)) = unknown.and_then(|(_, rest)| rest.split_once('`')) else {
        return line;
    };
    // Every second piece between back quotes is a name; the list ends with its line.
    let list = rest.lines().next().unwrap_or_default();
    let known: Vec<String> = list
        .split('`')
        .skip(1)
        .step_by(2)
        .map(String::from)
        .collect();
    if let Some(near) = closest(name, &known) {
        line += &format!("; did you mean `{near}`?");
    }
    line
}

/// The first setting in which two configurations differ: its key, and its values in both.
pub(crate) fn first_difference<T: Serialize>(a: &T, b: &T) -> Option<(String, String, String)> {
    // What cannot be written as JSON has no keys to tell.
    let value = |settings: &T| serde_json::to_value(settings).unwrap_or_default();
    difference_below("", &value(a), &value(b))
}

fn difference_below(
    place: &str,
    a: &serde_json::Value,
    b: &serde_json::Value,
) -> Option<(String, String, String)> {
    use serde_json::Value;
    if let (Value::Object(a), Value::Object(b)) = (a, b) {
        let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        return keys.into_iter().find_map(|key| {
            let place = if place.is_empty() {
                key.clone()
            } else {
                format!("{place}.{key}")
            };
            let of = |map: &serde_json::Map<String, Value>| map.get(key).cloned();
            difference_below(
                &place,
                &of(a).unwrap_or(Value::Null),
                &of(b).unwrap_or(Value::Null),
            )
        });
    }
    (a != b).then(|| (place.to_string(), a.to_string(), b.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only what is wrong with it matters")]
    struct Inner {
        count: usize,
        method: Method,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Method {
        Sobol,
        LatinHypercube,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only what is wrong with it matters")]
    struct Outer {
        sampling: Inner,
    }

    fn message(text: &str) -> String {
        let table: toml::Table = toml::from_str(text).unwrap();
        explained_toml_error(&table.try_into::<Outer>().unwrap_err())
    }

    #[test]
    fn the_nearest_key_is_suggested() {
        for (text, expected) in [
            ("sampling = { conut = 3 }", Some("did you mean `count`?")),
            (
                "sampling = { count = 3, method = \"sobel\" }",
                Some("did you mean `sobol`?"),
            ),
            ("smapling = { count = 3 }", Some("did you mean `sampling`?")),
            ("sampling = { weather = 3 }", None),
            ("sampling = { count = \"three\" }", None),
        ] {
            let message = message(text);
            assert!(!message.contains('\n'), "{message}");
            match expected {
                Some(words) => assert!(message.contains(words), "{message}"),
                None => assert!(!message.contains("did you mean"), "{message}"),
            }
        }
    }

    #[test]
    fn settings_are_laid_over_a_table() {
        let mut table = toml::Table::new();
        for setting in ["a.b=3", "a.c = [1, 2]", "title=two words", "a.b=4.5"] {
            apply_setting(&mut table, setting).unwrap();
        }
        assert_eq!(table["a"]["b"].as_float(), Some(4.5));
        assert_eq!(table["a"]["c"].as_array().map(Vec::len), Some(2));
        assert_eq!(table["title"].as_str(), Some("two words"));
        for wrong in ["a", "=3", "title.b=1"] {
            assert!(apply_setting(&mut table, wrong).is_err(), "{wrong}");
        }
    }
}
