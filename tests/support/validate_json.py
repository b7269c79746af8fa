"""validate_json.py SCHEMA DOCUMENT: exit code 1 and a line for each place where the document is not as the schema says."""

import json
import sys
from pathlib import Path

import jsonschema

schema, document = (json.loads(Path(path).read_text()) for path in sys.argv[1:3])
jsonschema.Draft202012Validator.check_schema(schema)
faults = list(jsonschema.Draft202012Validator(schema).iter_errors(document))
for fault in faults:
    print(f"{fault.json_path}: {fault.message}")
sys.exit(1 if faults else 0)
