(function_item name: (_) @name body: (_) @body) @definition.function
(function_signature_item name: (_) @name) @definition.function
(struct_item name: (_) @name body: (field_declaration_list) @body) @definition.struct
(struct_item name: (_) @name) @definition.struct
(union_item name: (_) @name body: (_) @body) @definition.struct
(enum_item name: (_) @name body: (_) @body) @definition.enum
(enum_variant name: (_) @name) @definition.constant
(trait_item name: (_) @name body: (_) @body) @definition.interface
(impl_item type: [(type_identifier) @name (generic_type type: (type_identifier) @name) (scoped_type_identifier name: (_) @name) (reference_type type: (type_identifier) @name)] body: (_) @body) @definition.implementation
(mod_item name: (_) @name body: (_) @body) @definition.module
(mod_item name: (_) @name) @definition.module
(type_item name: (_) @name) @definition.type
(associated_type name: (_) @name) @definition.type
(const_item name: (_) @name) @definition.constant
(static_item name: (_) @name) @definition.variable
(macro_definition name: (_) @name) @definition.macro
(field_declaration name: (_) @name) @definition.field

(use_declaration argument: (_) @module (#set! list "::")) @import
(extern_crate_declaration name: (_) @module alias: (_)? @alias) @import

(call_expression function: (identifier) @reference.call)
(call_expression function: (field_expression field: (field_identifier) @reference.call))
(call_expression function: (scoped_identifier name: (identifier) @reference.call))
(call_expression function: (generic_function function: [(identifier) @reference.call (scoped_identifier name: (identifier) @reference.call) (field_expression field: (field_identifier) @reference.call)]))
(macro_invocation macro: (identifier) @reference.call)
(macro_invocation macro: (scoped_identifier name: (identifier) @reference.call))
(type_identifier) @reference.type
(field_identifier) @reference.member
(identifier) @reference.name

(line_comment) @lead
(block_comment) @lead
(attribute_item) @lead
(block) @block
(declaration_list) @block
(match_block) @block
(field_declaration_list) @block
(enum_variant_list) @block
