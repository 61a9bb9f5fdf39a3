(abstract_class_declaration) @class
(function_signature) @signature
(class_body [(abstract_method_signature) (method_signature)] @method)
(interface_body (method_signature) @method)
(object_type (method_signature) @entrymethod)
(interface_declaration) @interface
(enum_declaration) @enum
(internal_module) @namespace
(module) @namespace
(type_alias_declaration) @alias
(public_field_definition) @field
(interface_body (property_signature) @field)
(object_type (property_signature) @entryfield)
(export_statement "=" (identifier) @whole)
(import_alias) @importalias
