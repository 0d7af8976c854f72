"""The laws: every venue's funding rules as dated, sourced data. A change is a new dated rule, never an edit."""
