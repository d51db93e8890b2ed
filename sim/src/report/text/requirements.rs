//! What a property proves, in as few words as a heading has room for.

/// Rows of REQUIREMENTS.md and promises of PROTOCOL.md: `CG-2, CG-3, PROTOCOL 1 3 4`.
pub fn requirements(ids: &[String]) -> String {
    let mut text = String::new();
    let mut source = None;
    for id in ids {
        // Promises are numbered; rows have names of their own.
        let (from, number) = id.split_once(' ').map_or((None, &**id), |(from, number)| (Some(from), number));
        match (text.is_empty(), from) {
            (false, Some(_)) if from == source => text.push(' '),
            (is_first, from) => {
                text.push_str(if is_first { "" } else { ", " });
                text.extend(from.map(|from| format!("{from} ")));
            }
        }
        text.push_str(number);
        source = from;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promises_of_one_document_name_it_once() {
        let check = |ids: &[&str], text: &str| {
            assert_eq!(requirements(&ids.iter().map(ToString::to_string).collect::<Vec<_>>()), text);
        };
        check(&["CG-2", "CG-3", "PROTOCOL 1", "PROTOCOL 3"], "CG-2, CG-3, PROTOCOL 1 3");
        check(&["PROTOCOL 7"], "PROTOCOL 7");
        check(&[], "");
    }
}
