//! Telephone numbers: parsed and checked by the numbering plan, kept as E.164.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A valid number in E.164 form (`+15555550123`). `Display` gives only its last two digits: use [`PhoneNumber::e164`] where the number itself is wanted.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber {
    e164: String,
    national: String,
}

/// The country code of the North American plan.
const NORTH_AMERICA: u16 = 1;
/// Digits of a number at most, with its country code (ITU-T E.164).
const LONGEST: usize = 15;

/// Why a text is not a telephone number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// The region is not an ISO 3166-1 code.
    #[error("`{0}` is no region: write a two-letter code such as \"US\"")]
    UnknownRegion(String),
    /// Not a number at all, or one that no numbering plan holds.
    #[error("not a telephone number: write it with its country code, such as \"+1 212 555 0123\"")]
    NotANumber,
}

impl PhoneNumber {
    /// Reads a number as people write it. A number without `+` is taken as one of `region` (ISO 3166-1, such as `US`).
    ///
    /// # Errors
    /// When the region is unknown, or the text is no number whose length the region's plan allows.
    pub fn parse(text: &str, region: &str) -> Result<Self, PhoneError> {
        let country = region
            .to_ascii_uppercase()
            .parse::<phonenumber::country::Id>()
            .map_err(|_| PhoneError::UnknownRegion(region.to_owned()))?;
        let number = phonenumber::parse(Some(country), text).map_err(|_| PhoneError::NotANumber)?;
        if !is_plausible(&number) {
            return Err(PhoneError::NotANumber);
        }
        Ok(Self {
            e164: number.format().mode(phonenumber::Mode::E164).to_string(),
            national: number.format().mode(phonenumber::Mode::National).to_string(),
        })
    }

    /// Whether a number of `region` may begin with these digits.
    #[must_use]
    pub fn may_begin(digits: &str, region: &str) -> bool {
        let country = region.to_ascii_uppercase().parse::<phonenumber::country::Id>().ok();
        let code = country.and_then(|country| phonenumber::metadata::DATABASE.by_id(country.as_ref()));
        match code.map(phonenumber::Metadata::country_code) {
            Some(NORTH_AMERICA) => {
                let national = digits.strip_prefix('1').unwrap_or(digits);
                // Neither area code nor exchange begins with 0 or 1.
                let is_begun_right = |at| !matches!(national.as_bytes().get(at), Some(b'0' | b'1'));
                national.len() <= 10 && is_begun_right(0) && is_begun_right(3)
            }
            _ => digits.len() <= LONGEST,
        }
    }

    /// `+` and digits.
    #[must_use]
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// The number as its country writes it, such as `(212) 555-0123`.
    #[must_use]
    pub fn national(&self) -> &str {
        &self.national
    }

    /// The national digits in the groups in which they are spoken: `["212", "555", "0123"]`.
    #[must_use]
    pub fn groups(&self) -> Vec<String> {
        self.national
            .split(|c: char| !c.is_ascii_digit())
            .filter(|group| !group.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Whether a call to it costs more than one to a usual number.
    #[must_use]
    pub fn is_premium(&self) -> bool {
        use phonenumber::Type;
        let kind = phonenumber::parse(None, &self.e164).map(|it| it.number_type(&phonenumber::metadata::DATABASE));
        matches!(kind, Ok(Type::PremiumRate | Type::SharedCost))
    }
}

// Numbers of fiction (555-01xx) are kept out of the plan by the library's pattern but are what tests and demos must use,
// so a number counts when its country and its length are right.
fn is_plausible(number: &phonenumber::PhoneNumber) -> bool {
    let digits = number.format().mode(phonenumber::Mode::E164).to_string();
    let national = number.national().to_string().len();
    match number.code().value() {
        NORTH_AMERICA => national == 10 && !matches!(digits.as_bytes().get(2), Some(b'0' | b'1')),
        _ => number.is_valid(),
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tail = &self.e164[self.e164.len().saturating_sub(2)..];
        write!(f, "+…{tail}")
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber({self})")
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = PhoneError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text, "US")
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.e164
    }
}

#[cfg(test)]
mod tests {
    use super::{PhoneError, PhoneNumber};

    #[test]
    fn reads_numbers_as_people_write_them() {
        for text in ["(212) 555-0142", "212.555.0142", "+1 212 555 0142", "2125550142", "1 212 555 0142"] {
            let number = PhoneNumber::parse(text, "US").map(|n| n.e164().to_owned());
            assert_eq!(number.as_deref(), Ok("+12125550142"), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in ["", "555 0142", "12345", "hello", "0125550142", "21255501422"] {
            assert_eq!(PhoneNumber::parse(text, "US"), Err(PhoneError::NotANumber), "{text}");
        }
        assert_eq!(PhoneNumber::parse("2125550142", "zz"), Err(PhoneError::UnknownRegion("zz".into())));
    }

    #[test]
    fn shows_only_its_tail_but_speaks_in_groups() {
        let number = PhoneNumber::parse("2125550142", "US").expect("valid");
        assert_eq!(format!("{number} {number:?}"), "+…42 PhoneNumber(+…42)");
        assert_eq!(number.groups(), ["212", "555", "0142"]);
    }
}
