// The templates of Zabbix that this version sends values for. Written by plugin/zabbix/generate_templates.py.
#pragma once

namespace weir {

inline constexpr const char* kTemplateRevision = "Revision 5fdac369e601";

}  // namespace weir
