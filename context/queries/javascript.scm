(function_declaration name: (identifier) @name body: (_) @body) @definition.function
(generator_function_declaration name: (identifier) @name body: (_) @body) @definition.function
(class_declaration name: (identifier) @name body: (_) @body) @definition.class
(method_definition name: (_) @name body: (_) @body) @definition.method
(field_definition property: (_) @name value: (arrow_function body: (_) @body)) @definition.method
(field_definition property: (_) @name) @definition.field

(lexical_declaration (variable_declarator name: (identifier) @name value: (arrow_function body: (_) @body))) @definition.function
(lexical_declaration (variable_declarator name: (identifier) @name value: (function_expression body: (_) @body))) @definition.function
(lexical_declaration (variable_declarator name: (identifier) @name value: (class body: (_) @body))) @definition.class
(variable_declaration (variable_declarator name: (identifier) @name value: (arrow_function body: (_) @body))) @definition.function
(variable_declaration (variable_declarator name: (identifier) @name value: (function_expression body: (_) @body))) @definition.function
(expression_statement (assignment_expression left: (member_expression object: (_) @scope property: (property_identifier) @name) right: (function_expression body: (_) @body))) @definition.function
(expression_statement (assignment_expression left: (member_expression object: (_) @scope property: (property_identifier) @name) right: (arrow_function body: (_) @body))) @definition.function
(object (pair key: (property_identifier) @name value: (function_expression body: (_) @body)) @definition.method)
(object (pair key: (property_identifier) @name value: (arrow_function body: (_) @body)) @definition.method)

(import_statement (import_clause (identifier) @alias) source: (string) @module (#set! name "default")) @import
(import_statement (import_clause (named_imports (import_specifier name: (_) @name alias: (identifier)? @alias))) source: (string) @module) @import
(import_statement (import_clause (namespace_import (identifier) @alias)) source: (string) @module (#set! name "*")) @import
(import_statement . "import" . source: (string) @module) @import
(export_statement (export_clause (export_specifier name: (_) @name)) source: (string) @module) @import
(export_statement "*" source: (string) @module (#set! name "*")) @import
(variable_declarator name: (identifier) @alias value: (call_expression function: (identifier) @_require arguments: (arguments . (string) @module)) (#eq? @_require "require")) @import
(variable_declarator name: (object_pattern (shorthand_property_identifier_pattern) @name) value: (call_expression function: (identifier) @_require arguments: (arguments . (string) @module)) (#eq? @_require "require")) @import
(variable_declarator name: (object_pattern (pair_pattern key: (_) @name value: (identifier) @alias)) value: (call_expression function: (identifier) @_require arguments: (arguments . (string) @module)) (#eq? @_require "require")) @import

; Behind the imports: a variable that is only a required module is not a definition.
(program (lexical_declaration . (variable_declarator name: (identifier) @name)) @definition.constant)
(program (export_statement (lexical_declaration . (variable_declarator name: (identifier) @name)) @definition.constant))
(program (variable_declaration . (variable_declarator name: (identifier) @name)) @definition.variable)

(call_expression function: (identifier) @reference.call)
(call_expression function: (member_expression property: (property_identifier) @reference.call))
(new_expression constructor: (identifier) @reference.call)
(new_expression constructor: (member_expression property: (property_identifier) @reference.call))
(class_heritage (identifier) @reference.type)
(member_expression property: (property_identifier) @reference.member)
(identifier) @reference.name
(shorthand_property_identifier) @reference.name

(export_statement) @wrap
(comment) @lead
(decorator) @lead
(statement_block) @block
(class_body) @block
(switch_body) @block
(object) @block
(array) @block
