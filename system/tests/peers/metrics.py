"""What the parsers of Prometheus's own Python client read: python metrics.py URL TOKEN. Ends with 0 and `all of it holds`."""

import sys
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families

URL, TOKEN = sys.argv[1:]

request = urllib.request.Request(URL, headers={"Authorization": f"Bearer {TOKEN}"})
with urllib.request.urlopen(request, timeout=10) as answer:
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text"), answer.headers
    text = answer.read().decode()

# The parser raises at whatever the format forbids: units that names do not end in, buckets that do not add up, a missing
# end, series that are interleaved or come twice.
families = {family.name: family for family in text_string_to_metric_families(text)}
assert len(families) > 30, sorted(families)
for name, family in families.items():
    assert name.startswith("stormglass_"), name
    assert family.documentation and family.type != "unknown", family
    assert not family.unit or name.endswith("_" + family.unit), family


def value(name, **labels):
    samples = [sample for family in families.values() for sample in family.samples if sample.name == name]
    return sum(s.value for s in samples if all(s.labels.get(label) == wanted for label, wanted in labels.items()))


created = value("stormglass_http_requests_total", method="POST", route="/api/v1/rooms", status="2xx")
assert created == 1, created
took = value("stormglass_http_request_duration_seconds_bucket", method="POST", route="/api/v1/rooms", le="+Inf")
assert took == created, took
assert value("stormglass_events_committed_total", type="room.created") >= 1
assert value("stormglass_websocket_connections") == 0
print("all of it holds")
