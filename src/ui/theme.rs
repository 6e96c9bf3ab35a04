//! Styles by meaning, read from TOML. A theme says each role for truecolor and
//! for 16 colors; 256 colors are the nearest of the truecolor ones; without
//! color the attributes and the signs carry everything.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use crate::app::role::{Role, TABLE};
use crate::fault::Fault;

/// How many colors the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// `NO_COLOR`: bold, underline, reverse and signs only.
    None,
    Sixteen,
    Indexed,
    True,
}

/// Which signs the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyphs {
    Unicode,
    Ascii,
}

impl Depth {
    /// What the variables of a terminal say; `NO_COLOR` (not empty) wins over all of them.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let says = |name: &str| variable(name).unwrap_or_default();
        let (term, color) = (says("TERM"), says("COLORTERM"));
        if !says("NO_COLOR").is_empty() || matches!(term.as_str(), "dumb" | "vt100" | "vt220") {
            return Self::None;
        }
        match () {
            () if matches!(color.as_str(), "truecolor" | "24bit") || term.ends_with("-direct") => {
                Self::True
            }
            () if term.contains("256color") => Self::Indexed,
            () => Self::Sixteen,
        }
    }
}

impl Glyphs {
    /// ASCII where the locale is not UTF-8 or the terminal is one of the old ones.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .filter_map(|name| variable(name))
            .find(|value| !value.is_empty());
        // Where no locale is set at all, as in many containers, today's terminals still speak UTF-8.
        let utf8 = locale.is_none_or(|locale| {
            let locale = locale.to_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        let old = matches!(
            variable("TERM").unwrap_or_default().as_str(),
            "linux" | "dumb" | "vt100" | "vt220"
        );
        if utf8 && !old {
            Self::Unicode
        } else {
            Self::Ascii
        }
    }
}

/// The built-in themes by name.
pub const BUILT_IN: [(&str, &str); 3] = [
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    (
        "high-contrast",
        include_str!("../../themes/high-contrast.toml"),
    ),
];

/// A style for each role.
#[derive(Debug, Clone)]
pub struct Theme {
    styles: Vec<Style>,
    glyphs: Glyphs,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    roles: BTreeMap<String, Entry>,
}

/// One role in a theme file.
#[allow(
    clippy::struct_excessive_bools,
    reason = "the fields are the file's own schema"
)]
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Entry {
    /// Truecolor, `#rrggbb`.
    fg: Option<String>,
    bg: Option<String>,
    /// One of the 16 names, or `default`.
    fg16: Option<String>,
    bg16: Option<String>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    reverse: bool,
}

impl Theme {
    /// Reads a theme. The fault names the role and what is wrong with it.
    pub fn read(name: &str, text: &str, depth: Depth, glyphs: Glyphs) -> Result<Self, Fault> {
        let fault = |cause: String| {
            Fault::new("read the theme", name, cause)
                .hint("themes/dark.toml in the source shows every role")
        };
        let sheet: Sheet =
            toml::from_str(text).map_err(|error| fault(error.message().to_owned()))?;
        if let Some(unknown) = sheet
            .roles
            .keys()
            .find(|name| !TABLE.iter().any(|(_, known, _)| known == name))
        {
            return Err(fault(format!("there is no role `{unknown}`")));
        }
        let mut styles: Vec<Style> = Vec::with_capacity(TABLE.len());
        for (meaning, role, parent) in TABLE {
            let base = parent
                .and_then(|parent| styles.get(parent as usize).copied())
                .unwrap_or_default();
            let style = match sheet.roles.get(*role) {
                Some(entry) => entry
                    .style(depth, Emphasis::of(*meaning))
                    .map_err(|cause| fault(format!("{role}: {cause}")))?,
                None => base,
            };
            styles.push(style);
        }
        Ok(Self { styles, glyphs })
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    pub fn glyphs(&self) -> Glyphs {
        self.glyphs
    }
}

/// What a role's background is: the ground it stands on, or an emphasis that must not be lost with the colors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Emphasis {
    None,
    Background,
}

impl Emphasis {
    fn of(role: Role) -> Self {
        match role {
            Role::Text | Role::Sheet | Role::SheetTitle => Self::None,
            _ => Self::Background,
        }
    }
}

impl Entry {
    fn style(&self, depth: Depth, emphasis: Emphasis) -> Result<Style, String> {
        let mut style = Style::default().add_modifier(self.modifiers());
        if depth == Depth::None && self.bg.is_some() && emphasis == Emphasis::Background {
            style = style.add_modifier(Modifier::REVERSED);
        }
        let (fg, bg) = match depth {
            Depth::None => (None, None),
            Depth::Sixteen => (named(self.fg16.as_deref())?, named(self.bg16.as_deref())?),
            Depth::Indexed => (
                hex(self.fg.as_deref())?.map(nearest),
                hex(self.bg.as_deref())?.map(nearest),
            ),
            Depth::True => (
                hex(self.fg.as_deref())?.map(rgb),
                hex(self.bg.as_deref())?.map(rgb),
            ),
        };
        style.fg = fg;
        style.bg = bg;
        Ok(style)
    }

    fn modifiers(&self) -> Modifier {
        [
            (self.bold, Modifier::BOLD),
            (self.dim, Modifier::DIM),
            (self.italic, Modifier::ITALIC),
            (self.underline, Modifier::UNDERLINED),
            (self.reverse, Modifier::REVERSED),
        ]
        .into_iter()
        .filter(|(set, _)| *set)
        .fold(Modifier::empty(), |all, (_, one)| all | one)
    }
}

type Rgb = (u8, u8, u8);

fn rgb((r, g, b): Rgb) -> Color {
    Color::Rgb(r, g, b)
}

fn hex(text: Option<&str>) -> Result<Option<Rgb>, String> {
    let Some(text) = text else { return Ok(None) };
    let number = text.strip_prefix('#').filter(|digits| digits.len() == 6);
    let number = number.and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let number = number.ok_or_else(|| format!("`{text}` is not a color like #a1b2c3"))?;
    Ok(Some((
        (number >> 16) as u8,
        (number >> 8) as u8,
        number as u8,
    )))
}

/// The nearest color of the 6×6×6 cube and the gray ramp of the 256-color palette.
fn nearest((r, g, b): Rgb) -> Color {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let step = |value: u8| {
        (0..6u8)
            .min_by_key(|at| STEPS[usize::from(*at)].abs_diff(value))
            .unwrap_or(0)
    };
    let cube = (step(r), step(g), step(b));
    let cube_rgb = (
        STEPS[usize::from(cube.0)],
        STEPS[usize::from(cube.1)],
        STEPS[usize::from(cube.2)],
    );
    let mean = (u16::from(r) + u16::from(g) + u16::from(b)) / 3;
    let gray = (mean.saturating_sub(3) / 10).min(23) as u8;
    let level = 8 + gray * 10;
    if distance((r, g, b), (level, level, level)) < distance((r, g, b), cube_rgb) {
        return Color::Indexed(232 + gray);
    }
    Color::Indexed(16 + 36 * cube.0 + 6 * cube.1 + cube.2)
}

fn distance(a: Rgb, b: Rgb) -> u32 {
    [(a.0, b.0), (a.1, b.1), (a.2, b.2)]
        .into_iter()
        .map(|(x, y)| u32::from(x.abs_diff(y)).pow(2))
        .sum()
}

fn named(name: Option<&str>) -> Result<Option<Color>, String> {
    let Some(name) = name else { return Ok(None) };
    let color = match name {
        "default" => return Ok(None),
        "black" => Color::Black,
        "red" => Color::Red,
        "green" => Color::Green,
        "yellow" => Color::Yellow,
        "blue" => Color::Blue,
        "magenta" => Color::Magenta,
        "cyan" => Color::Cyan,
        "white" => Color::Gray,
        "bright-black" => Color::DarkGray,
        "bright-red" => Color::LightRed,
        "bright-green" => Color::LightGreen,
        "bright-yellow" => Color::LightYellow,
        "bright-blue" => Color::LightBlue,
        "bright-magenta" => Color::LightMagenta,
        "bright-cyan" => Color::LightCyan,
        "bright-white" => Color::White,
        _ => {
            return Err(format!(
                "`{name}` is not one of the 16 colors, bright- ones included, or default"
            ));
        }
    };
    Ok(Some(color))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_theme_names_every_role_at_every_depth() {
        for (name, text) in BUILT_IN {
            for depth in [Depth::None, Depth::Sixteen, Depth::Indexed, Depth::True] {
                Theme::read(name, text, depth, Glyphs::Unicode).unwrap();
            }
            let sheet: Sheet = toml::from_str(text).unwrap();
            for (_, role, parent) in TABLE {
                assert!(
                    parent.is_some() || sheet.roles.contains_key(*role),
                    "{name} lacks {role}"
                );
            }
        }
    }

    #[test]
    fn without_color_a_theme_still_tells_the_severities_apart() {
        for (name, text) in BUILT_IN {
            let theme = Theme::read(name, text, Depth::None, Glyphs::Ascii).unwrap();
            assert_eq!(theme.style(Role::Critical).fg, None);
            assert_ne!(
                theme.style(Role::Critical),
                theme.style(Role::Text),
                "{name}"
            );
            assert_ne!(
                theme.style(Role::Selected),
                theme.style(Role::Text),
                "{name}"
            );
        }
    }

    #[test]
    fn a_mistake_in_a_theme_is_named() {
        let wrong = |text| {
            Theme::read("mine", text, Depth::True, Glyphs::Unicode)
                .unwrap_err()
                .to_string()
        };
        assert!(wrong("[roles]\nnope = {}").contains("there is no role `nope`"));
        assert!(wrong("[roles]\ntext = { fg = \"blue\" }").contains("text: `blue` is not a color"));
    }

    #[test]
    fn the_variables_say_what_the_terminal_shows() {
        let depth = |set: &[(&str, &str)]| {
            Depth::of(|name| {
                set.iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(
            depth(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]),
            Depth::True
        );
        assert_eq!(depth(&[("TERM", "screen-256color")]), Depth::Indexed);
        assert_eq!(depth(&[("TERM", "xterm")]), Depth::Sixteen);
        assert_eq!(depth(&[("TERM", "xterm"), ("NO_COLOR", "1")]), Depth::None);
        let glyphs =
            |locale: &str| Glyphs::of(|name| (name == "LC_ALL").then(|| locale.to_owned()));
        assert_eq!(
            (glyphs("C"), glyphs("en_US.UTF-8"), glyphs("")),
            (Glyphs::Ascii, Glyphs::Unicode, Glyphs::Unicode)
        );
    }

    #[test]
    fn truecolor_falls_to_the_nearest_of_256() {
        assert_eq!(nearest((255, 0, 0)), Color::Indexed(196));
        assert_eq!(nearest((128, 128, 128)), Color::Indexed(244));
    }
}
