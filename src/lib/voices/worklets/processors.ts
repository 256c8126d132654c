/** Everything that runs on the audio thread, in one module so that one request loads it. Imported as `?worker&url`. */
import './acidProcessor';
import './dynamicsProcessor';
import './limiterProcessor';
import './loudnessProcessor';
import './pluckProcessor';
import './polyProcessors';
import './reverbProcessor';
import './tapProcessor';
