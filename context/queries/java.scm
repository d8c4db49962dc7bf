(class_declaration name: (_) @name body: (_) @body) @definition.class
(record_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.interface
(annotation_type_declaration name: (_) @name body: (_) @body) @definition.interface
(enum_declaration name: (_) @name body: (_) @body) @definition.enum
(enum_constant name: (_) @name body: (_)? @body) @definition.constant
(method_declaration name: (_) @name body: (_)? @body) @definition.method
(constructor_declaration name: (_) @name body: (_) @body) @definition.method
(compact_constructor_declaration name: (_) @name body: (_) @body) @definition.method
(annotation_type_element_declaration name: (_) @name) @definition.method
(field_declaration declarator: (variable_declarator name: (_) @name)) @definition.field
(constant_declaration declarator: (variable_declarator name: (_) @name)) @definition.constant

(import_declaration (scoped_identifier scope: (_) @module name: (_) @name) .) @import
(import_declaration [(scoped_identifier) (identifier)] @module (asterisk) @name) @import
(import_declaration (identifier) @module .) @import

(method_invocation name: (identifier) @reference.call)
(object_creation_expression type: (type_identifier) @reference.call)
(object_creation_expression type: (generic_type (type_identifier) @reference.call))
(marker_annotation name: (identifier) @reference.type)
(annotation name: (identifier) @reference.type)
(method_reference (identifier) @reference.call .)
(type_identifier) @reference.type
(field_access field: (identifier) @reference.member)
(identifier) @reference.name

(line_comment) @lead
(block_comment) @lead
(block) @block
(class_body) @block
(interface_body) @block
(enum_body) @block
(switch_block) @block
(array_initializer) @block
