; Captures common to the JavaScript and TypeScript grammars. Handlers read the details from the fields of the captured node.
(function_declaration) @function
(generator_function_declaration) @function
(class_declaration) @class
(class) @class
(class_body (method_definition) @method)
(object (method_definition) @entrymethod)
(variable_declaration (variable_declarator) @var)
(lexical_declaration (variable_declarator) @let)
(pair value: [(arrow_function) (function_expression) (generator_function) (class) (object)]) @pair
(pair value: [(identifier) (member_expression) (call_expression) (new_expression) (await_expression) (subscript_expression) (ternary_expression) (binary_expression) (parenthesized_expression)]) @entry
(object (shorthand_property_identifier) @shorthand)
(object (spread_element) @spread)
(assignment_expression left: [(member_expression) (identifier)]) @assignment
(return_statement (_)) @return
(if_statement) @condition
(ternary_expression) @condition
(binary_expression operator: "&&") @condition
(object) @object

(arrow_function) @arrow
(function_expression) @expression
(generator_function) @expression
(statement_block) @block
(for_statement) @block
(for_in_statement) @loop
(catch_clause) @catch
(class_static_block) @static
(switch_body) @block

(import_statement) @import
(export_statement) @export
