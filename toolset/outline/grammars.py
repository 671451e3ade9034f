"""What each language calls the things that an outline lists, in the words of its grammar.

A grammar's node kind is mapped to the kind of symbol that it defines; None is a place that only
gives its name to what is in it (Rust's `impl`).
"""

from __future__ import annotations

from collections.abc import Mapping

from toolset.outline.values import SymbolKind

Kinds = Mapping[str, SymbolKind | None]

LANGUAGES: dict[str, str] = {
    **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx"), "javascript"),
    **dict.fromkeys((".ts", ".mts", ".cts"), "typescript"),
    ".tsx": "tsx",
    ".go": "go",
    ".rs": "rust",
    ".java": "java",
    **dict.fromkeys((".c", ".h"), "c"),
    **dict.fromkeys((".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx"), "cpp"),
    ".cs": "csharp",
    ".rb": "ruby",
    ".php": "php",
    **dict.fromkeys((".kt", ".kts"), "kotlin"),
    ".swift": "swift",
    **dict.fromkeys((".scala", ".sc"), "scala"),
    ".lua": "lua",
    **dict.fromkeys((".sh", ".bash"), "bash"),
}

_JAVASCRIPT: Kinds = {
    "function_declaration": "function",
    "generator_function_declaration": "function",
    "class_declaration": "class",
    "method_definition": "method",
}
_TYPESCRIPT: Kinds = {
    **_JAVASCRIPT,
    "abstract_class_declaration": "class",
    "abstract_method_signature": "method",
    "method_signature": "method",
    "interface_declaration": "interface",
    "enum_declaration": "enum",
    "type_alias_declaration": "type",
    "internal_module": "namespace",
}
_C: Kinds = {
    "function_definition": "function",
    "struct_specifier": "struct",
    "union_specifier": "union",
    "enum_specifier": "enum",
    "type_definition": "type",
    "preproc_function_def": "macro",
}
KINDS: dict[str, Kinds] = {
    "javascript": _JAVASCRIPT,
    "typescript": _TYPESCRIPT,
    "tsx": _TYPESCRIPT,
    "go": {
        "function_declaration": "function",
        "method_declaration": "method",
        "type_spec": "type",
        "type_alias": "type",
    },
    "rust": {
        "function_item": "function",
        "function_signature_item": "function",
        "struct_item": "struct",
        "enum_item": "enum",
        "union_item": "union",
        "trait_item": "trait",
        "type_item": "type",
        "mod_item": "module",
        "macro_definition": "macro",
        "impl_item": None,
    },
    "java": {
        "class_declaration": "class",
        "record_declaration": "class",
        "interface_declaration": "interface",
        "annotation_type_declaration": "interface",
        "enum_declaration": "enum",
        "method_declaration": "method",
        "constructor_declaration": "method",
    },
    "c": _C,
    "cpp": {**_C, "class_specifier": "class", "namespace_definition": "namespace"},
    "csharp": {
        "namespace_declaration": "namespace",
        "class_declaration": "class",
        "record_declaration": "class",
        "interface_declaration": "interface",
        "struct_declaration": "struct",
        "enum_declaration": "enum",
        "delegate_declaration": "type",
        "method_declaration": "method",
        "constructor_declaration": "method",
        "local_function_statement": "function",
    },
    "ruby": {
        "module": "module",
        "class": "class",
        "method": "function",
        "singleton_method": "function",
    },
    "php": {
        "class_declaration": "class",
        "interface_declaration": "interface",
        "trait_declaration": "trait",
        "enum_declaration": "enum",
        "function_definition": "function",
        "method_declaration": "method",
    },
    "kotlin": {
        "class_declaration": "class",
        "object_declaration": "class",
        "function_declaration": "function",
        "type_alias": "type",
    },
    "swift": {
        "class_declaration": "class",
        "protocol_declaration": "interface",
        "function_declaration": "function",
        "protocol_function_declaration": "method",
    },
    "scala": {
        "class_definition": "class",
        "object_definition": "class",
        "trait_definition": "trait",
        "enum_definition": "enum",
        "function_definition": "function",
        "function_declaration": "function",
    },
    "lua": {"function_declaration": "function"},
    "bash": {"function_definition": "function"},
}

# Where a function is the value of a name: the node, and the fields of the name and the value.
_NAMED_VALUES = {
    "variable_declarator": ("name", "value"),
    "assignment_expression": ("left", "right"),
    "pair": ("key", "value"),
}
NAMED_VALUES: dict[str, Mapping[str, tuple[str, str]]] = {
    "javascript": {**_NAMED_VALUES, "field_definition": ("property", "value")},
    "typescript": {**_NAMED_VALUES, "public_field_definition": ("name", "value")},
    "tsx": {**_NAMED_VALUES, "public_field_definition": ("name", "value")},
}
FUNCTION_VALUES = ("arrow_function", "function_expression", "generator_function")

MEMBERS = frozenset({"pair", "field_definition", "public_field_definition"})

# Nodes that also stand where a type is merely mentioned.
WITH_BODY_ONLY = frozenset(
    {"struct_specifier", "union_specifier", "enum_specifier", "class_specifier"}
)

# A word before the name that says more than the node's kind does.
KEYWORDS: dict[str, Mapping[str, SymbolKind | None]] = {
    "kotlin": {"interface": "interface", "enum": "enum"},
    "swift": {"struct": "struct", "enum": "enum", "extension": None},
}
TYPES_IN_GO: Mapping[str, SymbolKind] = {"struct_type": "struct", "interface_type": "interface"}
