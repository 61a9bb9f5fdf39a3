(abstract_class_declaration) @class
(function_signature) @signature
(abstract_method_signature) @method
(method_signature) @method
(interface_declaration) @interface
(enum_declaration) @enum
(internal_module) @namespace
(module) @namespace
(type_alias_declaration) @alias
(public_field_definition) @field
(property_signature) @field
(export_statement "=" (identifier) @whole)
(import_alias) @importalias
