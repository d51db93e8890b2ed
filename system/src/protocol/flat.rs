//! Events, read in one pass. `type` and `data` of the body lie flat among the other fields of an event. To read such a
//! thing serde's own way copies all fields first, to see which are whose; and events are most of what a client reads.
//! Here the body is read where it lies, as long as its `type` comes first, as it does in every text of ours.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::{Event, EventBody};

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Field {
    Type,
    Data,
    Stream,
    Seq,
    Epoch,
    Sender,
    Timestamp,
    CorrelationId,
    #[serde(other)]
    Unknown,
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Event;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Event, A::Error> {
        let (mut kind, mut body, mut early) = (None::<Cow<'_, str>>, None, None::<Value>);
        let (mut stream, mut seq, mut epoch, mut sender) = (None, None, None, None);
        let (mut timestamp, mut correlation_id) = (None, None);
        while let Some(field) = map.next_key()? {
            match (field, &kind) {
                (Field::Type, _) => kind = Some(map.next_value()?),
                (Field::Data, Some(kind)) => body = Some(EventBody::deserialize(Body::new(kind, &mut map))?),
                (Field::Data, None) => early = Some(map.next_value()?),
                (Field::Stream, _) => stream = Some(map.next_value()?),
                (Field::Seq, _) => seq = Some(map.next_value()?),
                (Field::Epoch, _) => epoch = Some(map.next_value()?),
                (Field::Sender, _) => sender = Some(map.next_value()?),
                (Field::Timestamp, _) => timestamp = Some(map.next_value()?),
                (Field::CorrelationId, _) => correlation_id = Some(map.next_value()?),
                (Field::Unknown, _) => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let missing = Error::missing_field;
        let kind = kind.ok_or_else(|| missing("type"))?;
        let body = match (body, early) {
            (Some(body), _) => body,
            (None, Some(data)) => EventBody::deserialize(json!({"type": kind, "data": data})).map_err(Error::custom)?,
            (None, None) => return Err(missing("data")),
        };
        Ok(Event {
            body,
            stream: stream.ok_or_else(|| missing("stream"))?,
            seq: seq.ok_or_else(|| missing("seq"))?,
            epoch: epoch.ok_or_else(|| missing("epoch"))?,
            sender: sender.ok_or_else(|| missing("sender"))?,
            timestamp: timestamp.ok_or_else(|| missing("timestamp"))?,
            correlation_id: correlation_id.ok_or_else(|| missing("correlation_id"))?,
        })
    }
}

/// What serde expects of a body: a map of `type` and `data`. The latter is the next value of the event's own map.
struct Body<'a, A> {
    kind: Option<&'a str>,
    data: Option<&'a mut A>,
}

impl<'a, 'de, A: MapAccess<'de>> Body<'a, A> {
    fn new(kind: &'a str, map: &'a mut A) -> MapAccessDeserializer<Self> {
        MapAccessDeserializer::new(Self { kind: Some(kind), data: Some(map) })
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Body<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let key = match self {
            Self { kind: Some(_), .. } => "type",
            Self { data: Some(_), .. } => "data",
            _ => return Ok(None),
        };
        seed.deserialize(key.into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match (self.kind.take(), self.data.take()) {
            (Some(kind), data) => {
                self.data = data;
                seed.deserialize(kind.into_deserializer())
            }
            (None, Some(map)) => map.next_value_seed(seed),
            (None, None) => Err(Error::custom("a body has a type and data only")),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::protocol::{Epoch, RoomId, RoomLeft, StreamId, Timestamp, UserId};

    fn event() -> Event {
        let room = RoomId(Uuid::from_u128(7));
        Event {
            body: EventBody::RoomLeft(RoomLeft { room }),
            stream: StreamId::Room(room),
            seq: 3,
            epoch: Epoch(9),
            sender: UserId(Uuid::from_u128(8)),
            timestamp: Timestamp(1_767_225_600_000),
            correlation_id: r#""type":"#.to_owned(),
        }
    }

    fn read(text: &str) -> Result<Event, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn an_event_survives_the_wire_in_any_order_and_with_fields_of_newer_servers() {
        let text = serde_json::to_string(&event()).unwrap();
        assert!(text.starts_with(r#"{"type":"room.left","data":{"#), "{text}");
        assert_eq!(read(&text), Ok(event()));
        let data_first =
            text.replacen(r#""type":"room.left","#, "", 1).replace(r#""seq":3"#, r#""seq":3,"type":"room.left""#);
        assert_eq!(read(&data_first), Ok(event()), "{data_first}");
        assert_eq!(read(&text.replace(r#""seq":3"#, r#""seq":3,"mood":{"is":["new"]}"#)), Ok(event()));
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::from_value::<Event>(value).unwrap(), event());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let text = serde_json::to_string(&event()).unwrap();
        let check = |text: &str, hint: &str| {
            let error = read(text).unwrap_err();
            assert!(error.contains(hint), "{text}: {error}");
        };
        check(&text.replace("room.left", "room.burnt"), "room.burnt");
        check(&text.replace(r#""seq":3,"#, ""), "`seq`");
        check(&text.replacen(r#""type":"room.left","#, "", 1), "`type`");
        check(&text.replace(r#""room":"#, r#""chamber":"#), "`room`");
        check("[]", "an event");
    }
}
