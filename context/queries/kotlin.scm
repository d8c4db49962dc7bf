(class_declaration name: (_) @name (enum_class_body) @body) @definition.enum
(class_declaration "class" name: (_) @name (class_body) @body) @definition.class
(class_declaration "interface" name: (_) @name (class_body)? @body) @definition.interface
(class_declaration name: (_) @name) @definition.class
(object_declaration name: (_) @name (class_body)? @body) @definition.class
(companion_object name: (_) @name (class_body)? @body) @definition.class
(function_declaration name: (_) @name (function_body)? @body) @definition.function
(property_declaration (variable_declaration (identifier) @name)) @definition.variable
(class_parameter ["val" "var"] (identifier) @name) @definition.field
(enum_entry (identifier) @name) @definition.constant
(type_alias type: (identifier) @name) @definition.type

(import (qualified_identifier) @module "*" @name) @import
(import (qualified_identifier) @module (identifier) @alias (#set! split ".")) @import
(import (qualified_identifier) @module (#set! split ".")) @import

(call_expression . (identifier) @reference.call)
(call_expression . (navigation_expression (identifier) @reference.call .))
(user_type (identifier) @reference.type)
(navigation_expression (_) (identifier) @reference.member)
(identifier) @reference.name

(line_comment) @lead
(block_comment) @lead
(block) @block
(class_body) @block
(lambda_literal) @block
(when_expression) @block
