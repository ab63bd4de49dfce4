# What runs for each record, row or session is optimised further than the rest.
set(WEIR_HOT_STAGES core flow receive packet decode session store sqlite query)

# weir_stage(NAME LINKS…): the folder NAME as the static library weir_NAME, of every .cpp in it. LINKS are the only
# folders (weir_*) and packages it may include; tests/architecture checks the includes against them.
function(weir_stage name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/*/*.cpp)
  if(sources)
    add_library(weir_${name} STATIC ${sources})
    target_include_directories(weir_${name} PUBLIC ${CMAKE_SOURCE_DIR}/sidecar)
    target_link_libraries(weir_${name} PUBLIC ${ARGN})
    # Templates of the standard library and of Boost are compiled once for several files: less than half the time.
    set_target_properties(weir_${name} PROPERTIES UNITY_BUILD ${WEIR_UNITY} UNITY_BUILD_BATCH_SIZE 8)
    if(WEIR_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # A class that only its own file defines looks like one of a header then.
      target_compile_options(weir_${name} PRIVATE -Wno-subobject-linkage)
    endif()
    if(NOT name IN_LIST WEIR_HOT_STAGES AND CMAKE_BUILD_TYPE STREQUAL "Release")
      target_compile_options(weir_${name} PRIVATE -O2)
    endif()
  else()
    add_library(weir_${name} INTERFACE)
    target_include_directories(weir_${name} INTERFACE ${CMAKE_SOURCE_DIR}/sidecar)
    target_link_libraries(weir_${name} INTERFACE ${ARGN})
  endif()
endfunction()

# weir_test(NAME LINKS…): every .cpp of the current folder as the Catch2 program NAME, run by ctest.
function(weir_test name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${ARGN} weir_catch)
  # A test's body runs once: optimising it fully takes more time than it saves.
  target_compile_options(${name} PRIVATE -O1)
  # Only where it is read: elsewhere a compiler cache serves clones in other folders.
  foreach(source ${sources})
    file(STRINGS ${source} mentions REGEX "WEIR_SOURCE_DIR")
    if(mentions)
      set_source_files_properties(${source} PROPERTIES COMPILE_DEFINITIONS WEIR_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    endif()
  endforeach()
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
endfunction()
