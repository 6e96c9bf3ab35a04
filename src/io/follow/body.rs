//! The body of an unfolded record, in rows and in roles: each field, its code
//! highlighted and laid out, then what else the record says.

use crate::app::pane::log::CodeRow;
use crate::app::role::Role;
use crate::io::highlight::{Language, highlight};
use crate::log::{Field, Record};

/// The body of an unfolded record in roles: each field, then its other lines.
pub fn body(record: &Record) -> Vec<CodeRow> {
    let mut rows: Vec<CodeRow> = record.parts.fields.iter().flat_map(field_rows).collect();
    let rest = record.parts.body.join("\n");
    match language(&rest) {
        Some(language) => rows.extend(highlight(&rest, language)),
        None => rows.extend(record.parts.body.iter().map(|line| plain(line))),
    }
    if record.cut > 0 {
        let sentence = format!("… {} more bytes in the file", record.cut);
        rows.push(vec![(Role::Faint, sentence)]);
    }
    rows
}

fn plain(line: &str) -> CodeRow {
    vec![(Role::Code, line.to_owned())]
}

/// `name = value`, or the name and its value in rows of its own.
fn field_rows(field: &Field) -> Vec<CodeRow> {
    let name = (Role::CodeWord, field.name.clone());
    let code = language(&field.value).map(|language| match language {
        Language::Json => highlight(&indented(&field.value), language),
        _ => highlight(&field.value, language),
    });
    let rows = code.unwrap_or_else(|| field.value.lines().map(plain).collect());
    if rows.len() <= 1 {
        let mut row = vec![name, (Role::CodeRemark, " = ".to_owned())];
        row.extend(rows.into_iter().flatten());
        return vec![row];
    }
    let indented = rows.into_iter().map(|mut row| {
        row.insert(0, (Role::Code, "  ".to_owned()));
        row
    });
    std::iter::once(vec![name, (Role::CodeRemark, " =".to_owned())])
        .chain(indented)
        .collect()
}

/// What a text is written in, by how it begins.
fn language(text: &str) -> Option<Language> {
    match text.trim_start().as_bytes() {
        [b'{', ..] | [b'[', b'{' | b'"', ..] => Some(Language::Json),
        [b'<', b'?' | b'A'..=b'Z' | b'a'..=b'z', ..] => Some(Language::Xml),
        _ => None,
    }
}

/// JSON in rows; what is no JSON after all stays as it is.
fn indented(text: &str) -> String {
    serde_json::from_str::<serde_json::Value>(text)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(raw: &str) -> Vec<String> {
        let record = Record::decode(raw.as_bytes(), raw.len() as u64);
        let text = |row: &CodeRow| row.iter().map(|(_, text)| text.as_str()).collect();
        body(&record).iter().map(text).collect()
    }

    #[test]
    fn a_json_body_unfolds_into_rows() {
        let raw =
            r#"2026-11-22T11:52:08.653Z [DEBUG] backend-s3: sent: body="{\"a\":{\"b\":1}}" n=2"#;
        assert_eq!(
            rows(raw),
            [
                "body =",
                "  {",
                "    \"a\": {",
                "      \"b\": 1",
                "    }",
                "  }",
                "n = 2"
            ]
        );
    }

    #[test]
    fn an_xml_body_keeps_its_lines() {
        let raw = "2026-11-22T11:52:08.653Z [DEBUG] x: n=2\n  body=\n  | <A>\n  |   <B/>\n  | </A>";
        assert_eq!(
            rows(raw),
            ["n = 2", "body =", "  <A>", "    <B/>", "  </A>"]
        );
    }

    #[test]
    fn what_is_no_code_stays_as_it_is() {
        let raw = "2026-11-22T11:52:08.653Z [TRACE] graph:\n  a - *node\n  ------";
        assert_eq!(rows(raw), ["  a - *node", "  ------"]);
    }
}
