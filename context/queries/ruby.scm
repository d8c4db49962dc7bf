(method name: (_) @name body: (_)? @body) @definition.function
(singleton_method name: (_) @name body: (_)? @body) @definition.function
(class name: [(constant) (scope_resolution)] @name body: (_)? @body) @definition.class
(module name: [(constant) (scope_resolution)] @name body: (_)? @body) @definition.module
(assignment left: (constant) @name) @definition.constant
(alias name: (_) @name) @definition.function

(call !receiver method: (identifier) @_method arguments: (argument_list . (string) @module) (#any-of? @_method "require" "require_relative" "load")) @import

(call method: (identifier) @reference.call)
(superclass (constant) @reference.type)
(scope_resolution name: (constant) @reference.type)
(constant) @reference.type
(identifier) @reference.name
(instance_variable) @reference.member

(comment) @lead
(body_statement) @block
(do_block) @block
(block) @block
(then) @block
(array) @block
(hash) @block
