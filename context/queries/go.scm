(function_declaration name: (_) @name body: (_)? @body) @definition.function
(method_declaration receiver: (parameter_list (parameter_declaration type: [(type_identifier) @scope (pointer_type (type_identifier) @scope) (generic_type type: (type_identifier) @scope) (pointer_type (generic_type type: (type_identifier) @scope))])) name: (_) @name body: (_)? @body) @definition.method
(type_declaration . (type_spec name: (_) @name type: (struct_type (field_declaration_list) @body)) .) @definition.struct
(type_declaration . (type_spec name: (_) @name type: (interface_type) @body) .) @definition.interface
(type_declaration . (type_spec name: (_) @name) .) @definition.type
(type_spec name: (_) @name type: (struct_type (field_declaration_list) @body)) @definition.struct
(type_spec name: (_) @name type: (interface_type) @body) @definition.interface
(type_spec name: (_) @name) @definition.type
(type_alias name: (_) @name) @definition.type
(method_elem name: (_) @name) @definition.method
(field_declaration name: (_) @name) @definition.field
(source_file (const_declaration . (const_spec name: (_) @name) .) @definition.constant)
(source_file (const_declaration (const_spec name: (_) @name) @definition.constant))
(source_file (var_declaration . (var_spec name: (_) @name) .) @definition.variable)
(source_file (var_declaration (var_spec name: (_) @name) @definition.variable))
(source_file (var_declaration (var_spec_list (var_spec name: (_) @name) @definition.variable)))

(import_spec name: (_)? @alias path: (_) @module) @import

(call_expression function: (identifier) @reference.call)
(call_expression function: (selector_expression field: (field_identifier) @reference.call))
(type_identifier) @reference.type
(field_identifier) @reference.member
(identifier) @reference.name

(comment) @lead
(block) @block
(field_declaration_list) @block
(literal_value) @block
(expression_switch_statement) @block
(type_switch_statement) @block
(select_statement) @block
