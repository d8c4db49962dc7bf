; Functions, classes, and the variables of modules and classes.
(function_definition name: (identifier) @name body: (block . (expression_statement . (string) @doc .)?) @body) @definition.function
(class_definition name: (identifier) @name body: (block . (expression_statement . (string) @doc .)?) @body) @definition.class
(function_definition name: (identifier) @name) @definition.function
(class_definition name: (identifier) @name) @definition.class
(module (expression_statement (assignment left: (identifier) @name)) @definition.variable)
(class_definition body: (block (expression_statement (assignment left: (identifier) @name)) @definition.field))
(type_alias_statement left: (type (identifier) @name)) @definition.type

(import_statement name: (dotted_name) @module) @import
(import_statement name: (aliased_import name: (dotted_name) @module alias: (identifier) @alias)) @import
(import_from_statement module_name: (_) @module name: (dotted_name) @name) @import
(import_from_statement module_name: (_) @module name: (aliased_import name: (dotted_name) @name alias: (identifier) @alias)) @import
(import_from_statement module_name: (_) @module (wildcard_import) @name) @import
((future_import_statement name: (dotted_name) @name) @import (#set! module "__future__"))

(call function: (identifier) @reference.call)
(call function: (attribute attribute: (identifier) @reference.call))
(decorator (identifier) @reference.call)
(type (identifier) @reference.type)
(type (generic_type (identifier) @reference.type))
(class_definition superclasses: (argument_list (identifier) @reference.type))
(attribute attribute: (identifier) @reference.member)
(identifier) @reference.name

(decorated_definition) @wrap
(comment) @lead
(block) @block
