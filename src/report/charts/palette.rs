//! The colours of charts: Okabe and Ito's, each with a darker one for text (at least 4.5:1 on white). A page turns
//! them over in dark mode by their hexadecimal names, so each role has a value of its own.

/// What a colour stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// The ground.
    Paper,
    /// Titles.
    Text,
    /// Axes and notes.
    Muted,
    /// Grid lines.
    Grid,
    /// Load, and what is neither good nor bad.
    Load,
    /// Failures.
    Failure,
    /// Words about failures.
    FailureText,
    /// What is carried.
    Safe,
    /// Words about what is carried.
    SafeText,
    /// 502.
    Gateway,
    /// Words about 502.
    GatewayText,
}

impl Ink {
    /// Red, green and blue.
    pub(super) const fn rgb(self) -> (u8, u8, u8) {
        match self {
            Ink::Paper => (0xff, 0xff, 0xff),
            Ink::Text => (0x1b, 0x1f, 0x24),
            Ink::Muted => (0x57, 0x60, 0x6a),
            Ink::Grid => (0xe3, 0xe6, 0xea),
            Ink::Load => (0x00, 0x72, 0xb2),
            Ink::Failure => (0xd5, 0x5e, 0x00),
            Ink::FailureText => (0xa8, 0x4a, 0x00),
            Ink::Safe => (0x00, 0x9e, 0x73),
            Ink::SafeText => (0x00, 0x69, 0x4d),
            Ink::Gateway => (0xcc, 0x79, 0xa7),
            Ink::GatewayText => (0x9b, 0x3f, 0x75),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.2).
    fn luminance(ink: Ink) -> f64 {
        let (red, green, blue) = ink.rgb();
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    fn contrast(ink: Ink) -> f64 {
        (luminance(Ink::Paper) + 0.05) / (luminance(ink) + 0.05)
    }

    #[test]
    fn words_and_marks_stand_out_from_their_ground() {
        for ink in [
            Ink::Text,
            Ink::Muted,
            Ink::Load,
            Ink::FailureText,
            Ink::SafeText,
            Ink::GatewayText,
        ] {
            assert!(contrast(ink) >= 4.5, "{ink:?}: {}", contrast(ink));
        }
        for ink in [Ink::Failure, Ink::Safe, Ink::Gateway] {
            assert!(contrast(ink) >= 3.0, "{ink:?}: {}", contrast(ink));
        }
    }
}
