"""``python -m api``: the OpenAPI document of this program, as it is committed."""

import json
import sys

from api.app import create_app

document = create_app("postgresql+psycopg2://nobody@127.0.0.1:1/none").openapi()
document["info"]["version"] = "0"  # a release by itself changes nothing for whoever calls
json.dump(document, sys.stdout, indent=1, ensure_ascii=False)
sys.stdout.write("\n")
