(function_declaration name: (identifier) @name body: (_) @body) @definition.function
(generator_function_declaration name: (identifier) @name body: (_) @body) @definition.function
(function_signature name: (identifier) @name) @definition.function
(class_declaration name: (type_identifier) @name body: (_) @body) @definition.class
(abstract_class_declaration name: (type_identifier) @name body: (_) @body) @definition.class
(interface_declaration name: (type_identifier) @name body: (_) @body) @definition.interface
(enum_declaration name: (identifier) @name body: (_) @body) @definition.enum
(enum_body name: (property_identifier) @name @definition.constant)
(enum_body (enum_assignment name: (property_identifier) @name) @definition.constant)
(type_alias_declaration name: (type_identifier) @name) @definition.type
(internal_module name: (_) @name body: (_) @body) @definition.module
(module name: (identifier) @name body: (_) @body) @definition.module
(method_definition name: (_) @name body: (_) @body) @definition.method
(method_signature name: (_) @name) @definition.method
(abstract_method_signature name: (_) @name) @definition.method
(property_signature name: (property_identifier) @name) @definition.field
(public_field_definition name: (_) @name value: (arrow_function body: (_) @body)) @definition.method
(public_field_definition name: (_) @name) @definition.field

(lexical_declaration (variable_declarator name: (identifier) @name value: (arrow_function body: (_) @body))) @definition.function
(lexical_declaration (variable_declarator name: (identifier) @name value: (function_expression body: (_) @body))) @definition.function
(lexical_declaration (variable_declarator name: (identifier) @name value: (class body: (_) @body))) @definition.class
(program (lexical_declaration . (variable_declarator name: (identifier) @name)) @definition.constant)
(program (export_statement (lexical_declaration . (variable_declarator name: (identifier) @name)) @definition.constant))
(program (variable_declaration . (variable_declarator name: (identifier) @name)) @definition.variable)
(program (ambient_declaration [(lexical_declaration . (variable_declarator name: (identifier) @name)) (variable_declaration . (variable_declarator name: (identifier) @name))] @definition.variable))

(import_statement (import_clause (identifier) @alias) source: (string) @module (#set! name "default")) @import
(import_statement (import_clause (named_imports (import_specifier name: (_) @name alias: (identifier)? @alias))) source: (string) @module) @import
(import_statement (import_clause (namespace_import (identifier) @alias)) source: (string) @module (#set! name "*")) @import
(import_statement . "import" . source: (string) @module) @import
(export_statement (export_clause (export_specifier name: (_) @name)) source: (string) @module) @import
(export_statement "*" source: (string) @module (#set! name "*")) @import
(variable_declarator name: (identifier) @alias value: (call_expression function: (identifier) @_require arguments: (arguments . (string) @module)) (#eq? @_require "require")) @import

(call_expression function: (identifier) @reference.call)
(call_expression function: (member_expression property: (property_identifier) @reference.call))
(new_expression constructor: (identifier) @reference.call)
(new_expression constructor: (member_expression property: (property_identifier) @reference.call))
(type_identifier) @reference.type
(class_heritage (extends_clause value: (identifier) @reference.type))
(member_expression property: (property_identifier) @reference.member)
(identifier) @reference.name
(shorthand_property_identifier) @reference.name

(export_statement) @wrap
(ambient_declaration) @wrap
(comment) @lead
(decorator) @lead
(statement_block) @block
(class_body) @block
(switch_body) @block
(object) @block
(array) @block
