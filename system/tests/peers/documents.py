"""Are the published documents what they say they are? python documents.py URL ASYNCAPI_SCHEMA.

Each is held to the schema that its specification publishes, by validators that we have not written; and so are copies that
were made wrong, each of which must be refused. Ends with 0 and `all of it holds`, or with what does not.
"""

import copy
import json
import sys
import urllib.request

from jsonschema import Draft7Validator, Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing.exceptions import Unresolvable

URL, ASYNCAPI_SCHEMA = sys.argv[1:]


def served(path):
    with urllib.request.urlopen(URL + path) as answer:
        return json.load(answer)


with open(ASYNCAPI_SCHEMA, encoding="utf-8") as file:
    ASYNCAPI = Draft7Validator(json.load(file))


def asyncapi_mistakes(document):
    return [f"{error.json_path}: {error.message[:300]}" for error in ASYNCAPI.iter_errors(document)]


def openapi_mistakes(document):
    try:
        return [f"{error}"[:300] for error in OpenAPIV31SpecValidator(document).iter_errors()]
    except Unresolvable as error:
        return [f"leads nowhere: {error.ref}"]


def some(mapping):
    """The first value of a mapping."""
    return next(iter(mapping.values()))


def unknown_action(document):
    some(document["operations"])["action"] = "shout"


def no_channel(document):
    del some(document["operations"])["channel"]


def message_by_a_number(document):
    some(document["channels"])["messages"] = 7


def no_title(document):
    del document["info"]["title"]


def no_description(document):
    operation = some(some(document["paths"]))
    operation["responses"] = {"200": {"content": {}}}


def parameter_from_nowhere(document):
    some(some(document["paths"]))["parameters"] = [{"name": "page", "in": "nowhere", "schema": {}}]


def parameter_of_no_path(document):
    some(some(document["paths"]))["parameters"] = [{"name": "id", "in": "path", "schema": {"type": "string"}}]


def dangling_reference(document):
    operation = some(some(document["paths"]))
    operation["responses"] = {"200": {"$ref": "#/components/responses/nobody"}}


def no_type_at_all(document):
    some(document["components"]["schemas"])["type"] = "text"


for path, mistakes, harms in [
    ("/asyncapi.json", asyncapi_mistakes, [no_title, unknown_action, no_channel, message_by_a_number]),
    (
        "/openapi.json",
        openapi_mistakes,
        [no_title, no_description, parameter_from_nowhere, parameter_of_no_path, dangling_reference, no_type_at_all],
    ),
]:
    document = served(path)
    found = mistakes(document)
    assert not found, f"{path} is not valid:\n" + "\n".join(found)
    for harm in harms:
        harmed = copy.deepcopy(document)
        harm(harmed)
        assert mistakes(harmed), f"{path} passes with {harm.__name__}"
    for name, schema in document["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
    print(f"{path} is valid, and {len(harms)} harmed copies of it are not")
print("all of it holds")
