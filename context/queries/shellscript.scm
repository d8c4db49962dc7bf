(function_definition name: (_) @name body: (_) @body) @definition.function
(program (variable_assignment name: (variable_name) @name) @definition.variable)
(program (declaration_command (variable_assignment name: (variable_name) @name)) @definition.variable)

(command name: (command_name (word) @_command) . argument: [(word) (string) (concatenation) (raw_string)] @module (#any-of? @_command "source" ".")) @import

(command_name (word) @reference.call)
(variable_name) @reference.name

(comment) @lead
(compound_statement) @block
(do_group) @block
(case_statement) @block
(if_statement) @block
(array) @block
