(class_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.interface
(trait_declaration name: (_) @name body: (_) @body) @definition.interface
(enum_declaration name: (_) @name body: (_) @body) @definition.enum
(enum_case name: (_) @name) @definition.constant
(method_declaration name: (_) @name body: (_)? @body) @definition.method
(function_definition name: (_) @name body: (_) @body) @definition.function
(namespace_definition name: (_) @name body: (_) @body) @definition.module
(property_declaration (property_element name: (variable_name (name) @name))) @definition.field
(property_promotion_parameter name: (variable_name (name) @name)) @definition.field
(const_declaration (const_element . (name) @name)) @definition.constant

(namespace_use_declaration (namespace_use_clause . [(qualified_name) (name)] @module alias: (_)? @alias) (#set! split "\\")) @import
(namespace_use_declaration (namespace_name) @module body: (namespace_use_group (namespace_use_clause . (_) @name alias: (_)? @alias))) @import
(expression_statement [(require_expression (string) @module) (require_once_expression (string) @module) (include_expression (string) @module) (include_once_expression (string) @module)]) @import

(function_call_expression function: (name) @reference.call)
(function_call_expression function: (qualified_name (name) @reference.call))
(member_call_expression name: (name) @reference.call)
(scoped_call_expression name: (name) @reference.call)
(object_creation_expression [(name) @reference.call (qualified_name (name) @reference.call)])
(named_type [(name) @reference.type (qualified_name (name) @reference.type)])
(base_clause (name) @reference.type)
(class_interface_clause (name) @reference.type)
(use_declaration (name) @reference.type)
(attribute (name) @reference.type)
(member_access_expression name: (name) @reference.member)
(name) @reference.name

(comment) @lead
(compound_statement) @block
(declaration_list) @block
(array_creation_expression) @block
