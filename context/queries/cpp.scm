(function_definition declarator: [(function_declarator declarator: (template_function name: (_) @name)) (function_declarator declarator: (_) @name) (pointer_declarator declarator: (function_declarator declarator: (_) @name)) (reference_declarator (function_declarator declarator: (_) @name))] body: (_)? @body) @definition.function
(namespace_definition name: (_) @name body: (_) @body) @definition.module
(class_specifier name: [(type_identifier) @name (template_type name: (type_identifier) @name) (qualified_identifier) @name] body: (_) @body) @definition.class
(struct_specifier name: [(type_identifier) @name (template_type name: (type_identifier) @name) (qualified_identifier) @name] body: (_) @body) @definition.struct
(union_specifier name: [(type_identifier) @name (template_type name: (type_identifier) @name) (qualified_identifier) @name] body: (_) @body) @definition.struct
(preproc_def name: (_) @name) @definition.macro
(preproc_function_def name: (_) @name) @definition.macro
(enum_specifier name: (_) @name body: (_) @body) @definition.enum
(enumerator name: (_) @name) @definition.constant
(type_definition type: [(struct_specifier !name body: (_) @body) (union_specifier !name body: (_) @body) (enum_specifier !name body: (_) @body)] declarator: (type_identifier) @name) @definition.struct
(type_definition declarator: [(type_identifier) @name (pointer_declarator declarator: (type_identifier) @name) (array_declarator declarator: (type_identifier) @name) (function_declarator declarator: [(type_identifier) @name (parenthesized_declarator (pointer_declarator declarator: (type_identifier) @name))])]) @definition.type
(alias_declaration name: (_) @name) @definition.type
(concept_definition name: (_) @name) @definition.type
(field_declaration declarator: [(function_declarator declarator: (_) @name) (pointer_declarator declarator: (function_declarator declarator: (_) @name)) (reference_declarator (function_declarator declarator: (_) @name))]) @definition.method
(field_declaration declarator: [(field_identifier) @name (pointer_declarator declarator: (field_identifier) @name) (reference_declarator (field_identifier) @name) (array_declarator declarator: (field_identifier) @name)]) @definition.field
(declaration declarator: [(function_declarator declarator: [(identifier) (destructor_name) (operator_name) (qualified_identifier)] @name) (pointer_declarator declarator: (function_declarator declarator: (identifier) @name)) (reference_declarator (function_declarator declarator: (_) @name))]) @definition.function
(translation_unit (declaration declarator: [(identifier) @name (init_declarator declarator: (identifier) @name) (pointer_declarator declarator: (identifier) @name) (array_declarator declarator: (identifier) @name)]) @definition.variable)
(namespace_definition body: (declaration_list (declaration declarator: [(identifier) @name (init_declarator declarator: (identifier) @name) (pointer_declarator declarator: (identifier) @name) (array_declarator declarator: (identifier) @name)]) @definition.variable))

(preproc_include path: (_) @module) @import

(call_expression function: (identifier) @reference.call)
(call_expression function: (field_expression field: (field_identifier) @reference.call))
(call_expression function: (qualified_identifier name: (identifier) @reference.call))
(call_expression function: (qualified_identifier name: (qualified_identifier name: (identifier) @reference.call)))
(call_expression function: (template_function name: (identifier) @reference.call))
(type_identifier) @reference.type
(field_identifier) @reference.member
(namespace_identifier) @reference.name
(identifier) @reference.name

(template_declaration) @wrap.signature
(comment) @lead
(compound_statement) @block
(field_declaration_list) @block
(declaration_list) @block
(enumerator_list) @block
(initializer_list) @block
