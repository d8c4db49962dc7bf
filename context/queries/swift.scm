(class_declaration "enum" name: (_) @name body: (_) @body) @definition.enum
(class_declaration "struct" name: (_) @name body: (_) @body) @definition.struct
(class_declaration "extension" name: (_) @name body: (_) @body) @definition.implementation
(class_declaration name: (_) @name body: (_) @body) @definition.class
(protocol_declaration name: (_) @name body: (_) @body) @definition.interface
(protocol_function_declaration name: (simple_identifier) @name) @definition.method
(protocol_property_declaration name: (pattern (simple_identifier) @name)) @definition.field
(function_declaration name: (simple_identifier) @name body: (_)? @body) @definition.function
(init_declaration "init" @name body: (_)? @body) @definition.method
(source_file (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @definition.variable)
(class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @definition.field)
(enum_class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @definition.field)
(enum_entry name: (simple_identifier) @name) @definition.constant
(typealias_declaration name: (type_identifier) @name) @definition.type
(associatedtype_declaration name: (type_identifier) @name) @definition.type

(import_declaration (identifier) @module) @import

(call_expression . (simple_identifier) @reference.call)
(call_expression . (navigation_expression suffix: (navigation_suffix suffix: (simple_identifier) @reference.call)))
(type_identifier) @reference.type
(navigation_suffix suffix: (simple_identifier) @reference.member)
(simple_identifier) @reference.name

(comment) @lead
(multiline_comment) @lead
(function_body) @block
(class_body) @block
(enum_class_body) @block
(protocol_body) @block
(statements) @block
(lambda_literal) @block
