"""What schemathesis has to be told: the bytes of an upload (tus 1.0) are bytes, whatever their media type is called."""

import schemathesis

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
