(class_definition name: (_) @name body: (_)? @body) @definition.class
(object_definition name: (_) @name body: (_)? @body) @definition.class
(trait_definition name: (_) @name body: (_)? @body) @definition.interface
(enum_definition name: (_) @name body: (_)? @body) @definition.enum
(simple_enum_case name: (_) @name) @definition.constant
(full_enum_case name: (_) @name) @definition.constant
(function_definition name: (_) @name body: (_)? @body) @definition.function
(function_declaration name: (_) @name) @definition.function
(given_definition name: (_) @name) @definition.variable
(type_definition name: (_) @name) @definition.type
(template_body (val_definition pattern: (identifier) @name) @definition.field)
(template_body (var_definition pattern: (identifier) @name) @definition.field)
(val_declaration name: (_) @name) @definition.field
(compilation_unit (val_definition pattern: (identifier) @name) @definition.variable)
(class_parameter name: (_) @name) @definition.field

((import_declaration) @import @module (#set! list "."))

(call_expression function: (identifier) @reference.call)
(call_expression function: (field_expression field: (identifier) @reference.call))
(call_expression function: (generic_function function: (identifier) @reference.call))
(instance_expression (type_identifier) @reference.call)
(type_identifier) @reference.type
(field_expression field: (identifier) @reference.member)
(identifier) @reference.name

(comment) @lead
(block_comment) @lead
(annotation) @lead
(block) @block
(indented_block) @block
(template_body) @block
(case_block) @block
